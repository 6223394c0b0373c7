/** What the segmenter gives of one field, and how it is read. */

/** The segmenter's output for one field; maps are [channels, rows, cols], row-major. */
export interface StarMaps {
  rows: number;
  cols: number;
  /** Object probability, [rows * cols]. */
  prob: Float32Array;
  /** Distance along each ray in input px, [RAYS * rows * cols]. */
  dist: Float32Array;
  /** Type logits, [types * rows * cols]. */
  type: Float32Array;
  types: number;
}

export interface StarOptions {
  /** Input px per map cell. */
  stride: number;
  probThreshold: number;
  /** Outlines that share more than this (intersection over union) are one nucleus. */
  nmsIou: number;
}
