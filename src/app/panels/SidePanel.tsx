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
const PANELS: { id: PanelId; title: string; Panel: ComponentType }[] = [
  { id: 'evidence', title: 'Evidence', Panel: EvidencePanel },
  { id: 'cells', title: 'Cells', Panel: CellsPanel },
  { id: 'region', title: 'Region', Panel: RegionPanel },
  { id: 'trust', title: 'Trust', Panel: TrustPanel },
  { id: 'molecular', title: 'Genes', Panel: MolecularPanel },
  { id: 'marks', title: 'Marks', Panel: MarksPanel },
  { id: 'results', title: 'Results', Panel: ResultsPanel },
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
          {PANELS.map(({ id, title }) => (
            <Tab key={id} id={id} className="side-tab">
              {title}
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
