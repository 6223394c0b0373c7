import { useEffect, useRef } from 'react';
import { useApp } from '../state.ts';
import { hatchShown, stripes } from './unfamiliar.ts';

/** Of a swatch, CSS px. */
const SIZE = { width: 30, height: 14 };

/**
 * What each hatching on the slide means, beside a piece of it. `sparse`: in words, which squares of
 * the heatmap are hatched; null where none are.
 */
export function Hatchings({ sparse }: { sparse: string | null }) {
  const unlike = useApp(hatchShown);
  if (!sparse && !unlike) return null;
  return (
    <ul className="hatchings quiet">
      {sparse && (
        <li>
          <i className="hatch-few" style={SIZE} />
          <span>{sparse}</span>
        </li>
      )}
      {unlike && (
        <li>
          <Stripes />
          <span title="Percentile of a field’s distance from known tissue, among held-out tissue; told where fields are large enough on screen">
            hatched: unlike known tissue; P: percentile
          </span>
        </li>
      )}
    </ul>
  );
}

/** A piece of the very pattern that lies on the slide. */
function Stripes() {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const dpr = window.devicePixelRatio;
    element.width = SIZE.width * dpr;
    element.height = SIZE.height * dpr;
    context.scale(dpr, dpr);
    context.fillStyle = stripes(context) ?? 'transparent';
    context.fillRect(0, 0, SIZE.width, SIZE.height);
  }, []);
  return <canvas ref={canvas} className="hatch-unlike" style={SIZE} />;
}
