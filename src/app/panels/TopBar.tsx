import { CircleHelp, FolderOpen, Link2, Presentation } from 'lucide-react';
import { useCommands } from '../context.ts';
import { setState, useApp } from '../state.ts';

/** Slide name and scale; open, share, present, analyse, help. */
export function TopBar() {
  const commands = useCommands();
  const slide = useApp((s) => s.slide);
  const opening = useApp((s) => s.opening);
  const running = useApp((s) => s.run.phase === 'running');

  const share = async () => {
    const local = slide?.source.kind === 'file';
    const link = local ? '' : (commands?.shareLink() ?? '');
    if (link) await navigator.clipboard.writeText(link).catch(() => undefined);
    setState({
      notice: {
        tone: 'info',
        message: local
          ? 'A slide from this disk has no address to share. Put it on a server, or send the file.'
          : 'Link to this slide and view copied.',
        detail: link,
      },
    });
  };

  return (
    <header>
      <div className="mark" aria-hidden="true" />
      <h1 className="title">
        <b>{opening ? `Opening ${opening} …` : (slide?.info.name ?? 'Cytolens')}</b>
        {slide && !opening && <span>{factsLine(slide)}</span>}
      </h1>
      <div className="spacer" />
      <button type="button" className="btn" onClick={() => setState({ dialog: { kind: 'open' } })}>
        <FolderOpen size={16} aria-hidden="true" /> Open
      </button>
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
        disabled={!slide || running}
        onClick={() => void commands?.running.prepareSlide()}
      >
        Analyse slide <kbd>W</kbd>
      </button>
      <button
        type="button"
        className="btn main"
        disabled={!slide || running}
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
