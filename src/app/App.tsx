/** The screen: the slide is the room, everything else stands at its edges. */
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import { AnnotateBar } from './annotate/AnnotateBar.tsx';
import { AnnotateLayer } from './annotate/AnnotateLayer.tsx';
import { Commands } from './commands.ts';
import { CommandsContext } from './context.ts';
import { Dialogs } from './dialogs/Dialogs.tsx';
import { useDrop } from './drop.ts';
import { createHandle } from './handle.ts';
import { bindKeys } from './keys.ts';
import { PromptLegend } from './molecular/PromptLegend.tsx';
import { PromptMap } from './molecular/PromptMap.tsx';
import { CellCard } from './panels/CellCard.tsx';
import { FieldFrames } from './panels/FieldFrames.tsx';
import { HoverTip } from './panels/HoverTip.tsx';
import { ImagePanel } from './panels/ImagePanel.tsx';
import { LegendBox } from './panels/LegendBox.tsx';
import { MissingTiles } from './panels/MissingTiles.tsx';
import { NoticeBar } from './panels/NoticeBar.tsx';
import { PresentLine } from './panels/PresentLine.tsx';
import { ProgressBox } from './panels/ProgressBox.tsx';
import { ScaleBox } from './panels/ScaleBox.tsx';
import { SidePanel } from './panels/SidePanel.tsx';
import { SlideRail } from './panels/SlideRail.tsx';
import { TissueBox } from './panels/TissueBox.tsx';
import { ToolStrip } from './panels/ToolStrip.tsx';
import { TopBar } from './panels/TopBar.tsx';
import { PaneArea } from './panes/PaneArea.tsx';
import { SimilarDrawer } from './retrieval/SimilarDrawer.tsx';
import { openFirst } from './slides.ts';
import { SpotsBox } from './spots/SpotsBox.tsx';
import { SpotsLayer } from './spots/SpotsLayer.tsx';
import { useApp } from './state.ts';
import { UnfamiliarLayer } from './trust/UnfamiliarLayer.tsx';
import { readUrl } from './url.ts';
import { Workbench } from './workbench.ts';

export function App({ lists }: { lists: Promise<void> }) {
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const mask = useRef<HTMLCanvasElement>(null);
  const navigator = useRef<HTMLDivElement>(null);
  const [commands, setCommands] = useState<Commands | null>(null);
  const hidden = useApp((s) => s.panelsHidden || s.presenting);
  const presenting = useApp((s) => s.presenting);
  const railWidth = useApp((s) => s.railWidth);
  const sideWidth = useApp((s) => s.sideWidth);
  const dropping = useDrop(commands);

  useEffect(() => {
    if (!stage.current || !canvas.current || !mask.current || !navigator.current) return;
    const { provider, head } = readUrl(location.search);
    const bench = new Workbench(stage.current, canvas.current, mask.current, navigator.current, {
      forced: provider ?? undefined,
      head: head ?? undefined,
    });
    const created = new Commands(bench);
    const unbind = bindKeys(created);
    setCommands(created);
    window.cytolens = createHandle(created);
    // StrictMode mounts twice: what the first mount made must be gone before the second.
    let alive = true;
    void lists.then(() => (alive ? openFirst(created) : undefined));
    void created.cases.load();
    return () => {
      alive = false;
      unbind();
      created.panes.destroy();
      created.destroy();
      bench.destroy();
    };
  }, [lists]);

  const widths = { '--rail': `${railWidth}px`, '--side': `${sideWidth}px` } as CSSProperties;
  const className = `app${hidden ? ' bare' : ''}${presenting ? ' presenting' : ''}`;
  return (
    <CommandsContext value={commands}>
      <div className={className} style={widths}>
        <TopBar />
        <SlideRail />
        <PaneArea>
          <div className="pane">
            <div className="stage" ref={stage} />
            <PromptMap />
            <canvas className="overlay cell-layer" ref={canvas} />
            <UnfamiliarLayer />
            <canvas className="overlay" ref={mask} />
            <SpotsLayer />
            <FieldFrames />
            <AnnotateLayer />
            <ToolStrip />
            <ImagePanel />
            <AnnotateBar />
            <div className="float minimap">
              <div ref={navigator} className="minimap-map" />
            </div>
            <TissueBox />
            <SpotsBox />
            <div className="foot">
              <ScaleBox />
              <ProgressBox />
              {presenting && <PresentLine />}
              <div className="foot-legends">
                <PromptLegend />
                <LegendBox />
              </div>
            </div>
            <CellCard />
            <HoverTip />
            <NoticeBar />
            <MissingTiles />
            {dropping && (
              <div className="drop-hint">
                Drop a slide, or a file of cells or annotations. It stays on this machine.
              </div>
            )}
          </div>
        </PaneArea>
        <SimilarDrawer />
        <SidePanel />
        <Dialogs />
      </div>
    </CommandsContext>
  );
}
