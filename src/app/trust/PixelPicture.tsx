import { useEffect, useRef } from 'react';
import type { RgbaImage } from '../../slide/slide.ts';

/** Pixels as they are, with what they show beneath. */
export function PixelPicture({ image, caption }: { image: RgbaImage; caption: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { width, height, data } = image;
    canvas.current?.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0);
  }, [image]);
  return (
    <figure className="pixel-picture">
      <canvas ref={canvas} width={image.width} height={image.height} aria-label={caption} />
      <figcaption className="small">{caption}</figcaption>
    </figure>
  );
}
