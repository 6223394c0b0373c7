import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import './styles/tokens.css';
import './styles/themes.css';
import './styles/layout.css';
import './styles/floats.css';
import './styles/image.css';
import './styles/annotate.css';
import './styles/panes.css';
import './styles/evidence.css';
import './styles/cell-card.css';
import './styles/region-panel.css';
import './styles/trust.css';
import './styles/retrieval.css';
import './styles/calibration.css';
import './styles/audit.css';
import './styles/study.css';
import './styles/spots.css';
import './styles/cells-panel.css';
import './styles/dialogs.css';
import './styles/open.css';
import './styles/results-panel.css';
import './styles/cases.css';
import './styles/look.css';
import './styles/molecular.css';
import './styles/library.css';
import { followTheme } from './look/look.ts';
import { loadSlideLists } from './slides.ts';

const root = document.getElementById('app');
if (root) {
  followTheme();
  const lists = loadSlideLists();
  createRoot(root).render(
    <StrictMode>
      <App lists={lists} />
    </StrictMode>,
  );
}
