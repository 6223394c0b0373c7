import { CircleHelp, FolderOpen, Link2, Presentation } from 'lucide-react';
import { useEffect } from 'react';
import { useCommands } from '../context.ts';
import { shownName } from '../names.ts';
import { PanesMenu } from '../panes/PanesMenu.tsx';
import { setState, useApp } from '../state.ts';
import { nameOf } from '../url.ts';

/** Slide name and scale; open, share, present, analyse, help. */
export function TopBar() {
  const commands = useCommands();
  const slide = useApp((s) => s.slide);
  const opening = useApp((s) => s.opening);
  const name = useApp((s) => s.slide && shownName(s.slide, s));
  const hasAddress = slide !== null && nameOf(slide.source, document.baseURI) !== null;
  useEffect(() => {
    // The browser's history keeps titles: a name that no address may hold is not to be among them.
    document.title = name && hasAddress ? `${name} · Cytolens` : 'Cytolens';
  }, [name, hasAddress]);
  const busy = useApp((s) => s.run.phase === 'running' || s.opening !== null);

  const share = async () => {
    const link = hasAddress ? (commands?.shareLink() ?? '') : '';
    if (link) await navigator.clipboard.writeText(link).catch(() => undefined);
    setState({
      notice: {
        tone: 'info',
        message: hasAddress
          ? 'Link to this slide and view copied.'
          : 'This slide has no address that a link could hold: it is from this disk or from behind a login.',
        detail: link,
      },
    });
  };

  return (
    <header>
      <div className="mark" aria-hidden="true" />
      <h1 className="title">
        <b>{opening ? `Opening ${opening} …` : (name ?? 'Cytolens')}</b>
        {slide && !opening && <span>{factsLine(slide)}</span>}
      </h1>
      <div className="spacer" />
      <button type="button" className="btn" onClick={() => setState({ dialog: { kind: 'open' } })}>
        <FolderOpen size={16} aria-hidden="true" /> Open
      </button>
      <PanesMenu />
      <button type="button" className="btn" onClick={share} disabled={!slide}>
        <Link2 size={16} aria-hidden="true" /> Share view
      </button>
      <button
        type="button"
        className="btn"
        onClick={() => setState(({ presenting }) => ({ presenting: !presenting }))}
      >
        <Presentation size={16} aria-hidden="true" /> Present
      </button>
      <button
        type="button"
        className="btn line"
        disabled={!slide || busy}
        onClick={() => void commands?.running.prepareSlide()}
      >
        Analyse slide <kbd>W</kbd>
      </button>
      <button
        type="button"
        className="btn main"
        disabled={!slide || busy}
        onClick={() => void commands?.running.analyseView()}
      >
        Analyse view <kbd>A</kbd>
      </button>
      <button
        type="button"
        className="btn icon"
        aria-label="Help"
        onClick={() => setState({ dialog: { kind: 'help' } })}
      >
        <CircleHelp size={18} aria-hidden="true" />
      </button>
    </header>
  );
}

function factsLine({
  info,
  mpp,
  mppFrom,
}: NonNullable<ReturnType<typeof useApp.getState>['slide']>) {
  const scale = mpp
    ? `${Number(mpp.toFixed(4))} µm/px${mppFrom === 'user' ? ' (entered)' : ''}`
    : 'scale unknown';
  return [info.stain, scale, info.objective ? `${info.objective}x` : null, info.scanner]
    .filter(Boolean)
    .join(' · ');
}
