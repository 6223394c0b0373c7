import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import './styles/tokens.css';
import './styles/layout.css';
import './styles/floats.css';
import './styles/evidence.css';
import './styles/dialogs.css';
import { loadSlideLists } from './slides.ts';

const root = document.getElementById('app');
if (root) {
  const lists = loadSlideLists();
  createRoot(root).render(
    <StrictMode>
      <App lists={lists} />
    </StrictMode>,
  );
}
