/** What cells look up by level: rank of a bin of attention density, and weight of a field. */

import type { Uniforms } from '../core/gl.ts';
import { RANK_BINS } from './distribution.ts';
import type { Statistics } from './statistics.ts';
import type { Level } from './style.ts';

/** Fields a line of the texture of weights. */
const LINE = 1024;
/** Unit 0 holds the colour map. */
const RANK_UNIT = 1;
const WEIGHT_UNIT = 2;

export class LevelTextures {
  private readonly ranks: WebGLTexture;
  private readonly weights: WebGLTexture;
  private ranksFor = '';
  private weightsFor = -1;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly statistics: Statistics,
  ) {
    this.ranks = gl.createTexture();
    this.weights = gl.createTexture();
  }

  /** Bind both for a program, brought up to date: 16 kB of ranks, 8 bytes a field of weights. */
  bind(uniforms: Uniforms, level: Level): void {
    const { gl, statistics } = this;
    gl.activeTexture(gl.TEXTURE0 + RANK_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.ranks);
    const ranksFor = `${level} ${statistics.version(level)}`;
    if (this.ranksFor !== ranksFor) {
      this.ranksFor = ranksFor;
      this.fill(gl.R32F, gl.RED, RANK_BINS, 1, statistics.ranks(level));
    }
    gl.uniform1i(uniforms.at('u_ranks'), RANK_UNIT);
    gl.activeTexture(gl.TEXTURE0 + WEIGHT_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.weights);
    const weightsFor = level === 'slide' ? statistics.version(level) : 0;
    if (this.weightsFor !== weightsFor) {
      this.weightsFor = weightsFor;
      const { weights } = statistics;
      // One texel more than there are fields: what is beyond the last reads as no weight.
      const lines = Math.ceil((weights.size + 1) / LINE);
      this.fill(gl.RG32F, gl.RG, LINE, lines, weights.pairs(LINE * lines));
    }
    gl.uniform1i(uniforms.at('u_weights'), WEIGHT_UNIT);
    gl.activeTexture(gl.TEXTURE0);
  }

  destroy(): void {
    this.gl.deleteTexture(this.ranks);
    this.gl.deleteTexture(this.weights);
  }

  private fill(
    internal: number,
    format: number,
    width: number,
    height: number,
    data: Float32Array<ArrayBuffer>,
  ): void {
    const { gl } = this;
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, height, 0, format, gl.FLOAT, data);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }
}
