/** The little of WebGL2 that both layers need. */
import { type ColorMapName, lut } from '../core/colormap.ts';

/** Colour maps as textures of 256 x 1, made when first used. */
export class ColourMaps {
  private readonly known = new Map<ColorMapName, WebGLTexture>();

  constructor(private readonly gl: WebGL2RenderingContext) {}

  at(name: ColorMapName): WebGLTexture {
    const known = this.known.get(name);
    if (known) return known;
    const texture = lutTexture(this.gl, lut(name));
    this.known.set(name, texture);
    return texture;
  }

  destroy(): void {
    for (const texture of this.known.values()) this.gl.deleteTexture(texture);
    this.known.clear();
  }
}

function lutTexture(gl: WebGL2RenderingContext, lut: Uint8Array): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB8, lut.length / 3, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, lut);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
    gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
  }
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  return texture;
}
