/** Pictures of the slide as files, in the colours in which it is shown. */
import { toCytolensError } from '../core/errors.ts';
import type { Developing } from './developing.ts';
import { download, fileName, pickTarget } from './files.ts';
import { openName } from './names.ts';
import { drawPicture, drawRegion } from './picture.ts';
import { report, setState } from './state.ts';
import type { Workbench } from './workbench.ts';

export class Pictures {
  private running: AbortController | null = null;

  constructor(
    private readonly bench: Workbench,
    private readonly developing: Developing,
  ) {}

  /** What is on screen, at `times` its resolution. Throws what `drawPicture` throws. */
  view(times = 1, signal = new AbortController().signal): Promise<Blob> {
    return drawPicture(this.bench, this.developing.development(), times, signal);
  }

  /** The tissue in view alone, at a scale. Throws what `drawRegion` throws. */
  region(umPerPx: number, signal = new AbortController().signal): Promise<Blob> {
    return drawRegion(this.bench, this.developing.development(), umPerPx, signal);
  }

  /** Save the view with scale bar, legend and where it comes from. */
  async saveViewShown(times: number): Promise<void> {
    await this.save('-view.png', (signal) => this.view(times, signal));
  }

  async saveRegionShown(umPerPx: number): Promise<void> {
    const suffix = `-${String(umPerPx).replace('.', '_')}um.png`;
    await this.save(suffix, (signal) => this.region(umPerPx, signal));
  }

  /** One at a time; an error becomes a sentence on screen. */
  private async save(suffix: string, draw: (signal: AbortSignal) => Promise<Blob>): Promise<void> {
    this.running?.abort();
    const abort = new AbortController();
    this.running = abort;
    try {
      const name = fileName(openName(), suffix);
      const target = await pickTarget(name, 'image/png');
      setState({ drawing: true });
      const picture = await draw(abort.signal);
      if (!target) return download(picture, name);
      const stream = await target.createWritable();
      await stream.write(picture);
      await stream.close();
    } catch (error) {
      report(toCytolensError(error));
    } finally {
      if (this.running === abort) {
        this.running = null;
        setState({ drawing: false });
      }
    }
  }
}
