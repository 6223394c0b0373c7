import { ImageOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { SlideSource } from '../../slide/slide.ts';
import { useCommands } from '../context.ts';

interface ThumbProps {
  /** Names the slide. */
  slideKey: string;
  source: () => Promise<SlideSource | null>;
}

/** The thumbnail of a slide; glass until there is one, and a sign where there will be none. */
export function Thumb({ slideKey, source }: ThumbProps) {
  const commands = useCommands();
  const [url, setUrl] = useState<string | null>(null);
  const [none, setNone] = useState(false);
  const latest = useRef(source);
  latest.current = source;
  useEffect(() => {
    const abort = new AbortController();
    let made: string | null = null;
    const show = async () => {
      const of = commands?.cases.thumbnails.of(slideKey, () => latest.current(), abort.signal);
      const picture = await of;
      if (abort.signal.aborted) return;
      setNone(!picture);
      if (!picture) return;
      made = URL.createObjectURL(picture);
      setUrl(made);
    };
    // Scrolled away: nobody waits for it.
    void show().catch(() => undefined);
    return () => {
      abort.abort();
      if (made) URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [commands, slideKey]);
  return (
    <span className="thumb">
      {url && <img src={url} alt="" draggable={false} />}
      {none && (
        <span className="thumb-none" title="No picture of it can be made: opening it says why">
          <ImageOff size={18} aria-hidden="true" />
        </span>
      )}
    </span>
  );
}
