/** The audit of encoders, as React reads it. Tiles and embeddings stay in the worker. */
import type { TilesSummary } from '../../audit/encoder/api.ts';
import { type EncoderAudit, TURNED } from '../../audit/encoder/encoder-audit.ts';
import type { AuditStep } from '../../audit/encoder/looks.ts';

/** What is audited on: tiles an encoder is to look at, or embeddings that are computed already. */
export type ChosenSet =
  | { kind: 'tiles'; name: string; summary: TilesSummary }
  | { kind: 'tables'; names: string[] };

/** A slide with annotated areas; the scanner is asked for where the slide does not say. */
export interface MarkedSlide {
  name: string;
  areas: number;
  classes: string[];
  scanner: string;
}

export type ReportFormat = 'html' | 'pdf' | 'json';

export interface AuditDesk {
  set: ChosenSet | null;
  /** Annotated slides that a set can be made of; null before they were asked for. */
  marked: MarkedSlide[] | null;
  /** Ids of the encoders that are to be run; null: the one in use. */
  encoders: string[] | null;
  /** Tiles that are turned and resized. */
  turned: number;
  /** For the estimate of energy. */
  watts: number;
  /** The encoder at work, and how far it is. */
  running: { title: string; at: number; of: number; step: AuditStep | null } | null;
  reading: boolean;
  error: string | null;
  results: EncoderAudit[];
}

export interface AuditState {
  audit: AuditDesk;
}

export const NO_AUDIT: AuditState = {
  audit: {
    set: null,
    marked: null,
    encoders: null,
    turned: TURNED,
    watts: 15,
    running: null,
    reading: false,
    error: null,
    results: [],
  },
};
