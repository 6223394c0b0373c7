import { type ReactNode, useEffect, useRef } from 'react';
import type { Affine } from '../../core/affine.ts';
import { type DrawnSpots, drawSpots, spotAt } from './draw.ts';
import { SpotsLegend } from './SpotsLegend.tsx';

export interface MapProps {
  title: ReactNode;
  about: string;
  spots: DrawnSpots;
  unit: string;
  /** The tissue, as large as the canvas; null until it is read. */
  picture: ImageBitmap | null;
  /** Level-0 px to canvas px. */
  view: Affine;
  /** Canvas size, px, and px of it per CSS px. */
  px: { width: number; height: number };
  dpr: number;
  onMark: (spot: number) => void;
}

/** How far tissue steps back behind the spots. */
const TISSUE = 0.72;

/** Tissue with spots coloured by their values. */
export function BesideMap(props: MapProps) {
  const { title, about, spots, unit, picture, view, px, dpr, onMark } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const glass = getComputedStyle(context.canvas).getPropertyValue('--glass');
    context.globalAlpha = 1;
    context.fillStyle = glass || '#ffffff';
    context.fillRect(0, 0, px.width, px.height);
    if (picture) {
      context.globalAlpha = TISSUE;
      context.drawImage(picture, 0, 0, px.width, px.height);
      context.globalAlpha = 1;
    }
    drawSpots(context, view, spots, dpr, 0.92);
  }, [spots, picture, view, px, dpr]);
  return (
    <figure className="beside-card">
      <figcaption>
        <h3>{title}</h3>
        <p className="quiet small">{about}</p>
      </figcaption>
      <canvas
        ref={canvas}
        width={px.width}
        height={px.height}
        aria-label={`${about} ${spots.x.length} spots.`}
        role="img"
        onPointerMove={(event) => {
          const { offsetX, offsetY } = event.nativeEvent;
          onMark(spotAt(spots, view, { x: offsetX * dpr, y: offsetY * dpr }));
        }}
        onPointerLeave={() => onMark(-1)}
      />
      <SpotsLegend shown={{ map: spots.map, low: spots.low, high: spots.high, unit }} />
    </figure>
  );
}
