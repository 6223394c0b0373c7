import { useEffect, useRef, useState } from 'react';
import { toCytolensError } from '../../core/errors.ts';
import { isRgba, release } from '../../slide/decode.ts';
import type { AssociatedKind, Raster } from '../../slide/slide.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

const NAMES: Partial<Record<AssociatedKind, string>> = { label: 'Label', macro: 'Macro' };

/**
 * The pictures beside the tissue, which may name a person: hidden until asked for, each time
 * anew. They are read only then, and are part of no snapshot.
 */
export function AssociatedImages() {
  const info = useApp((s) => s.slide?.info ?? null);
  const kinds = info?.associated?.filter((kind) => NAMES[kind]) ?? [];
  if (!info || kinds.length === 0) return null;
  return <Asked key={info.id} kinds={kinds} />;
}

function Asked({ kinds }: { kinds: AssociatedKind[] }) {
  const [shown, setShown] = useState(false);
  const title = kinds.map((kind) => NAMES[kind]).join(' and ');
  return (
    <section className="image-part" aria-label={title}>
      <div className="row">
        <h3>{title}</h3>
        <button type="button" className="link" onClick={() => setShown(!shown)}>
          {shown ? 'Hide' : 'Show'}
        </button>
      </div>
      {shown ? (
        kinds.map((kind) => <Picture key={kind} kind={kind} />)
      ) : (
        <p className="faint">A label may show a name. Hidden until you ask.</p>
      )}
    </section>
  );
}

function Picture({ kind }: { kind: AssociatedKind }) {
  const commands = useCommands();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [failure, setFailure] = useState('');
  useEffect(() => {
    const slide = commands?.bench.slide;
    if (!slide?.associatedImage) return;
    const abort = new AbortController();
    slide.associatedImage(kind, abort.signal).then(
      (raster) => {
        if (canvas.current && !abort.signal.aborted) paint(canvas.current, raster);
        release(raster);
      },
      (error) => setFailure(toCytolensError(error).message),
    );
    return () => abort.abort();
  }, [commands, kind]);
  if (failure) return <p className="quiet">{failure}</p>;
  return <canvas ref={canvas} className="associated" role="img" aria-label={NAMES[kind]} />;
}

function paint(canvas: HTMLCanvasElement, raster: Raster): void {
  Object.assign(canvas, { width: raster.width, height: raster.height });
  const context = canvas.getContext('2d');
  if (isRgba(raster)) {
    context?.putImageData(new ImageData(raster.data, raster.width, raster.height), 0, 0);
  } else context?.drawImage(raster, 0, 0);
}
