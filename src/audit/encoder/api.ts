/** The audit of an encoder: what page and worker say to each other. calls.ts answers. */
import type { Call } from '../../core/rpc.ts';
import type { LocalFile } from '../../slide/slide.ts';
import type { EncoderAudit } from './encoder-audit.ts';
import type { AuditStep } from './looks.ts';
import type { LabelledPlace, PlacedSlide } from './tile-sets.ts';

/** Where the tiles of an audit come from. */
export type TilesSource =
  /** Pictures or slides of a folder, labelled by a table or by their names. */
  | { kind: 'folder'; name: string; files: readonly LocalFile[] }
  /** Places that are marked on slides. */
  | {
      kind: 'places';
      name: string;
      slides: readonly PlacedSlide[];
      places: readonly LabelledPlace[];
    };

/** What a set holds, before anything is run. */
export interface TilesSummary {
  tiles: number;
  classes: { name: string; tiles: number }[];
  centres: { name: string; tiles: number }[];
  groups: number;
  notes: string[];
  /** Why it cannot be audited: one class, one centre; null where it can. */
  lack: string | null;
}

/** Calls throw `format` in a sentence for a set that cannot be audited, `cancelled`, `model`. */
export interface EncoderAuditApi {
  /** `fieldUm`: side of an encoder's field, um: larger rectangles are cut into such. */
  describeTiles: Call<{ set: TilesSource; fieldUm: number }, TilesSummary>;
  /** `encoder`: id of a model at hand; `turned`: tiles that are turned and resized. */
  auditTiles: Call<{ set: TilesSource; encoder: string; turned: number }, EncoderAudit, AuditStep>;
  /** Embeddings that were computed elsewhere, an audit for every file that holds some. */
  auditTables: Call<{ files: readonly File[] }, EncoderAudit[], AuditStep>;
}
