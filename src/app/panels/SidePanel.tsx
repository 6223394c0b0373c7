import {
  CircleDot,
  Dna,
  Files,
  Gauge,
  type LucideIcon,
  Pentagon,
  ShieldCheck,
  SquareDashed,
} from 'lucide-react';
import type { ComponentType } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { MarksPanel } from '../annotate/MarksPanel.tsx';
import { setLook } from '../look/look.ts';
import { Splitter } from '../look/Splitter.tsx';
import { MolecularPanel } from '../molecular/MolecularPanel.tsx';
import { type PanelId, setState, useApp } from '../state.ts';
import { TrustPanel } from '../trust/TrustPanel.tsx';
import { CellsPanel } from './CellsPanel.tsx';
import { EvidencePanel } from './EvidencePanel.tsx';
import { RegionPanel } from './RegionPanel.tsx';
import { ResultsPanel } from './ResultsPanel.tsx';

/** One row a panel, in the order of the tabs. */
const PANELS: { id: PanelId; title: string; Icon: LucideIcon; Panel: ComponentType }[] = [
  { id: 'evidence', title: 'Evidence', Icon: Gauge, Panel: EvidencePanel },
  { id: 'cells', title: 'Cells', Icon: CircleDot, Panel: CellsPanel },
  { id: 'region', title: 'Region', Icon: SquareDashed, Panel: RegionPanel },
  { id: 'trust', title: 'Trust', Icon: ShieldCheck, Panel: TrustPanel },
  { id: 'molecular', title: 'Genes', Icon: Dna, Panel: MolecularPanel },
  { id: 'marks', title: 'Marks', Icon: Pentagon, Panel: MarksPanel },
  { id: 'results', title: 'Results', Icon: Files, Panel: ResultsPanel },
];

/** CSS px. */
const LEAST = 300;
const WIDEST = 640;

/** The panels at the right edge, one at a time. */
export function SidePanel() {
  const panel = useApp((s) => s.panel);
  const width = useApp((s) => s.sideWidth);
  return (
    <aside aria-label="Findings" id="findings">
      <Splitter
        label="Width of the findings"
        controls="findings"
        edge="left"
        width={width}
        min={LEAST}
        max={WIDEST}
        onChange={(sideWidth) => setLook({ sideWidth })}
      />
      <Tabs
        className="side"
        selectedKey={panel}
        onSelectionChange={(key) => setState({ panel: key as PanelId })}
      >
        <TabList className="side-tabs" aria-label="Findings">
          {PANELS.map(({ id, title, Icon }) => (
            <Tab key={id} id={id} className="side-tab" aria-label={title}>
              <span className="side-tab-face" title={title}>
                <Icon size={17} aria-hidden="true" />
                <span className="side-tab-name">{title}</span>
              </span>
            </Tab>
          ))}
        </TabList>
        {PANELS.map(({ id, Panel }) => (
          <TabPanel key={id} id={id} className="side-panel">
            <Panel />
          </TabPanel>
        ))}
      </Tabs>
    </aside>
  );
}
