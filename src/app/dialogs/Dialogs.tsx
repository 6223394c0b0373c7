import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { AuditDialog } from '../audit/AuditDialog.tsx';
import { BesideDialog } from '../spots/BesideDialog.tsx';
import { type Dialog, setState, useApp } from '../state.ts';
import { StudyDialog } from '../study/StudyDialog.tsx';
import { HelpDialog } from './HelpDialog.tsx';
import { LargeDialog } from './LargeDialog.tsx';
import { ModelsDialog } from './ModelsDialog.tsx';
import { OpenDialog } from './OpenDialog.tsx';
import { ScaleDialog } from './ScaleDialog.tsx';

/** Whichever dialog is asked for; Esc and a click beside it close it. */
export function Dialogs() {
  const dialog = useApp((s) => s.dialog);
  const inPane = useApp((s) => s.openInPane);
  if (!dialog) return null;
  return (
    <ModalOverlay
      className="modal-back"
      isOpen
      isDismissable
      onOpenChange={(open) => !open && setState({ dialog: null })}
    >
      <Modal className="modal">
        <AriaDialog className="dialog">
          <Heading slot="title">
            {dialog.kind === 'open' && inPane ? 'Open a slide in a new pane' : TITLES[dialog.kind]}
          </Heading>
          <button
            type="button"
            className="btn icon close"
            aria-label="Close"
            onClick={() => setState({ dialog: null })}
          >
            <X size={18} aria-hidden="true" />
          </button>
          {bodyOf(dialog)}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

const TITLES: Record<Dialog['kind'], string> = {
  open: 'Open a slide',
  help: 'Look and keys',
  models: 'Models',
  scale: 'How large is a pixel?',
  large: 'This is a lot of tissue',
  study: 'Reader study',
  beside: 'Measured beside predicted',
  audit: 'Encoder audit',
};

function bodyOf(dialog: Dialog): ReactNode {
  switch (dialog.kind) {
    case 'open':
      return <OpenDialog />;
    case 'help':
      return <HelpDialog />;
    case 'models':
      return <ModelsDialog />;
    case 'scale':
      return <ScaleDialog next={dialog.next} />;
    case 'large':
      return <LargeDialog {...dialog} />;
    case 'study':
      return <StudyDialog />;
    case 'beside':
      return <BesideDialog />;
    case 'audit':
      return <AuditDialog />;
  }
}
