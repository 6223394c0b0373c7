/**
 * The models of the engine: the library, the kit in use, and what the page is told of
 * them. One change at a time; a kit that cannot be started leaves the former one running.
 */
import { CytolensError } from '../core/errors.ts';
import type { Backend } from '../model/backend.ts';
import { webBackend } from '../model/backend.web.ts';
import { fileReader, httpReader, type ModelFolder, type ReadFile } from '../model/folder.ts';
import { type Kit, type KitFolders, openKit, sessionsOf } from '../model/kit.ts';
import { type KnownModel, ModelLibrary } from '../model/library.ts';
import {
  type AlignmentManifest,
  type EncoderManifest,
  type HeadManifest,
  type Provider,
  weightBytes,
} from '../model/manifest.ts';
import { type ModelSession, openSession } from '../model/session.ts';
import type { LoadedKit, LoadedModel, ModelEntry, ModelSource } from './analysis.ts';
import { fieldGeometry } from './field.ts';

interface Start {
  /** Absolute URL of the app's root, ending with a slash. */
  base: string;
  forced?: Provider;
  head?: string;
}

type OnModel = (model: LoadedModel) => void;

export class Models {
  private constructor(
    private readonly library: ModelLibrary,
    private readonly backend: Backend,
    private kit: Kit,
    private forced?: Provider,
  ) {}

  static async open(
    { base, forced, head }: Start,
    onModel: OnModel,
    signal?: AbortSignal,
  ): Promise<Models> {
    const library = await ModelLibrary.open(httpReader(new URL('models/', base).href), signal);
    const backend = webBackend(base);
    const folders = library.kitFor(head ?? library.firstHead);
    const kit = await startKit(folders, backend, { forced, signal }, onModel);
    return new Models(library, backend, kit, forced);
  }

  /** The kit in use. */
  current(): Kit {
    return this.kit;
  }

  /** Start the kit of a head. The former one stays in use when this fails. */
  async choose(head: string, onModel: OnModel, signal?: AbortSignal): Promise<Kit> {
    const { backend, forced, kit } = this;
    const options = { forced, signal, from: kit };
    this.kit = await startKit(this.library.kitFor(head), backend, options, onModel);
    return this.kit;
  }

  /**
   * Start a head beside the kit's, to be asked about the same tokens. The caller releases it.
   * Throws `model` when it is not here, or reads the tokens of another encoder.
   */
  async openHead(id: string, signal?: AbortSignal): Promise<ModelSession<HeadManifest>> {
    const { head, encoder } = this.library.kitFor(id);
    if (encoder.manifest !== this.kit.encoder.manifest) {
      throw new CytolensError(
        'model',
        `"${head.manifest.name}" reads the tokens of another encoder than the one in use, so it cannot be asked about these fields.`,
      );
    }
    const providers = this.forced ? [this.forced] : await this.backend.providers();
    return openSession(head, this.backend, providers, signal);
  }

  /** The folder of an encoder at hand. Throws `model`. */
  encoderFolder(id: string): ModelFolder<EncoderManifest> {
    return this.library.encoder(id);
  }

  /**
   * Start an encoder beside the kit's, to be audited. The caller releases it. Throws `model`,
   * `parity`.
   */
  async openEncoder(
    folder: ModelFolder<EncoderManifest>,
    signal?: AbortSignal,
  ): Promise<ModelSession<EncoderManifest>> {
    const providers = this.forced ? [this.forced] : await this.backend.providers();
    return openSession(folder, this.backend, providers, signal);
  }

  /** The alignment that reads the tokens of the encoder in use; null when there is none. */
  alignmentFolder(): ModelFolder<AlignmentManifest> | null {
    return this.library.alignmentFor(this.kit.encoder.manifest)?.folder ?? null;
  }

  /**
   * Start an alignment. The caller releases it. On WASM first: it is so small that a graphics
   * device would answer no sooner. Throws `model`, `parity`.
   */
  async openAlignment(
    folder: ModelFolder<AlignmentManifest>,
    signal?: AbortSignal,
  ): Promise<ModelSession<AlignmentManifest>> {
    const available = this.forced ? [this.forced] : await this.backend.providers();
    const providers = available.toSorted((a, b) => Number(b === 'wasm') - Number(a === 'wasm'));
    return openSession(folder, this.backend, providers, signal);
  }

  /**
   * Start the kit's models anew after one of them stopped: on WASM from now on, as a graphics device
   * that was lost once does not come back within a page.
   */
  async restart(onModel: OnModel, signal?: AbortSignal): Promise<Kit> {
    const { backend, kit } = this;
    this.forced = 'wasm';
    const folders = this.library.kitFor(kit.head.manifest.id);
    this.kit = await startKit(folders, backend, { forced: this.forced, signal }, onModel);
    // Sessions of a lost device may refuse even this, or never answer: nobody waits for it.
    void Promise.allSettled(sessionsOf(kit).map((session) => session.release()));
    return this.kit;
  }

  /** Check a folder, prove that it computes the right numbers here, and list it. */
  async add(source: ModelSource, signal?: AbortSignal): Promise<ModelEntry> {
    const { read, where } = readerOf(source);
    const added = await this.library.add(read, where, signal, async (folder) => {
      const providers = this.forced ? [this.forced] : await this.backend.providers();
      const session = await openSession(folder, this.backend, providers, signal);
      await session.release();
    });
    return entryOf(added);
  }

  remove(id: string): void {
    if (sessionsOf(this.kit).some((session) => session.manifest.id === id)) {
      throw new CytolensError('model', 'This model is in use. Choose another head first.');
    }
    this.library.remove(id);
  }

  entries(): ModelEntry[] {
    return this.library.all().map(entryOf);
  }

  async card(id: string, signal?: AbortSignal): Promise<string> {
    const known = this.library.all().find((m) => m.folder.manifest.id === id);
    if (!known) throw new CytolensError('model', `There is no model called ${id} here.`);
    const { folder } = known;
    return new TextDecoder().decode(await folder.read(folder.manifest.card, signal));
  }

  describe(): LoadedKit {
    const { kit } = this;
    const { fieldUm } = fieldGeometry(kit);
    const { bank } = kit;
    return {
      segmenter: loadedModel(kit.segmenter),
      encoder: loadedModel(kit.encoder),
      head: loadedModel(kit.head),
      partner: kit.partner && loadedModel(kit.partner),
      types: kit.segmenter.manifest.segmenter.types,
      target: kit.head.manifest.head,
      partnerTarget: kit.partner?.manifest.head ?? null,
      gated: kit.head.manifest.outputs.gate !== undefined,
      bank: bank && { on: bank.facts.on, threshold: bank.facts.threshold },
      fieldUm,
      tokenUm: fieldUm / kit.encoder.manifest.encoder.grid[1],
      encoderMpp: kit.encoder.manifest.input.mpp,
    };
  }
}

/** Whether the models fit together is asked before any session starts, or the former ones end. */
function startKit(
  folders: KitFolders,
  backend: Backend,
  options: { forced?: Provider; signal?: AbortSignal; from?: Kit },
  onModel: OnModel,
): Promise<Kit> {
  fieldGeometry(folders);
  return openKit(folders, backend, {
    ...options,
    onModel: (session) => onModel(loadedModel(session)),
  });
}

function loadedModel({ manifest, status }: ModelSession): LoadedModel {
  const { licence, metrics } = manifest;
  return { status, licence, metrics };
}

function entryOf({ folder, origin, where }: KnownModel): ModelEntry {
  const { id, name, role, version, licence, metrics, files } = folder.manifest;
  const bytes = Math.max(...files.map(weightBytes));
  const head = folder.manifest.role === 'head' ? folder.manifest.head : null;
  return { id, name, role, version, licence, origin, where, bytes, metrics, head };
}

function readerOf(source: ModelSource): { read: ReadFile; where: string } {
  if (source.kind === 'folder') return { read: fileReader(source.files), where: source.name };
  const url = source.url.replace(/manifest\.json$/, '');
  const base = url.endsWith('/') ? url : `${url}/`;
  return { read: httpReader(base), where: base };
}
