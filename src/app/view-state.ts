/** How the slide is shown: turned, mirrored, developed, whole or not. */
import type { CytolensError } from '../core/errors.ts';
import { type Look, PLAIN } from '../viewer/colour/look.ts';
import { type Pose, UPRIGHT } from '../viewer/pose.ts';

export interface ViewState {
  pose: Pose;
  /** How its pixels are shown. */
  shownAs: Look;
  /** What the look does, in words; empty when the pixels are as they are stored. */
  shownAsText: string;
  /** The slide brings a colour profile that can be read. */
  hasProfile: boolean;
  /** The stains of the slide are being told from its pixels. */
  tellingStains: boolean;
  imagePanel: boolean;
  /** A picture is being made. */
  drawing: boolean;
  /** Tiles that could not be had, and why the last of them could not. */
  missing: { count: number; reason: CytolensError } | null;
}

export const NO_VIEW_STATE: ViewState = {
  pose: UPRIGHT,
  shownAs: PLAIN,
  shownAsText: '',
  hasProfile: false,
  tellingStains: false,
  imagePanel: false,
  drawing: false,
  missing: null,
};
