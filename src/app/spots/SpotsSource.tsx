import { FolderOpen, Upload } from 'lucide-react';
import { Button, FileTrigger } from 'react-aria-components';
import { filesOf } from '../cases/folder.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

/** Where the spots come from: a folder, or files. */
export function SpotsSource() {
  const commands = useCommands();
  const ready = useApp((s) => s.slide !== null && s.spots.task === null);
  const open = (list: FileList | null) => {
    if (list && list.length > 0) void commands?.measured.loadShown(filesOf([...list]));
  };
  return (
    <div className="spots-source">
      <p className="quiet small">
        Spatial transcriptomics of the open slide: counts with a table of spots (her2st), a Visium
        folder (spatial and filtered_feature_bc_matrix), or obs.parquet with X.parquet. It stays on
        this machine.
      </p>
      <div className="row gap">
        <FileTrigger acceptDirectory onSelect={open}>
          <Button className="btn line" isDisabled={!ready}>
            <FolderOpen size={16} aria-hidden="true" /> Choose a folder
          </Button>
        </FileTrigger>
        <FileTrigger allowsMultiple onSelect={open}>
          <Button className="btn line" isDisabled={!ready}>
            <Upload size={16} aria-hidden="true" /> Choose files
          </Button>
        </FileTrigger>
      </div>
    </div>
  );
}
