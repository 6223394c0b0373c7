/**
 * The models of the analysis worker: the library, the kit in use, and what the page is told of
 * them. One change at a time; a kit that cannot be started leaves the former one running.
 */
import { CytolensError } from '../core/errors.ts';
import { webBackend } from '../model/backend.web.ts';
import { fileReader, httpReader, type ReadFile } from '../model/folder.ts';
import { type Kit, openKit } from '../model/kit.ts';
import { type KnownModel, ModelLibrary } from '../model/library.ts';
import type { Provider } from '../model/manifest.ts';
import { type ModelSession, openSession } from '../model/session.ts';
import type { LoadedKit, LoadedModel, ModelEntry, ModelSource } from './analysis.ts';
import { fieldGeometry } from './field.ts';

interface Start {
  /** Absolute URL of the app's root, ending with a slash. */
  base: string;
  forced?: Provider;
  head?: string;
}

export class Models {
  private kit: Kit | undefined;

  private constructor(
    private readonly library: ModelLibrary,
    private readonly backend: ReturnType<typeof webBackend>,
    private readonly forced?: Provider,
  ) {}

  static async open(
    { base, forced, head }: Start,
    onModel: (model: LoadedModel) => void,
    signal?: AbortSignal,
  ): Promise<Models> {
    const library = await ModelLibrary.open(httpReader(new URL('models/', base).href), signal);
    const models = new Models(library, webBackend(base), forced);
    await models.choose(head ?? library.firstHead, onModel, signal);
    return models;
  }

  /** The kit in use. Throws `model` before one has started. */
  current(): Kit {
    if (this.kit) return this.kit;
    throw new CytolensError('model', 'The models are still loading. Try again in a moment.');
  }

  /** Start the kit of a head. The former one stays in use when this fails. */
  async choose(
    head: string,
    onModel: (model: LoadedModel) => void,
    signal?: AbortSignal,
  ): Promise<Kit> {
    const folders = this.library.kitFor(head);
    const kit = await openKit(folders, this.backend, {
      forced: this.forced,
      signal,
      onModel: (session) => onModel(loadedModel(session)),
      from: this.kit,
    });
    fieldGeometry(kit);
    this.kit = kit;
    return kit;
  }

  /** Check a folder, prove that it computes the right numbers here, and list it. */
  async add(source: ModelSource, signal?: AbortSignal): Promise<ModelEntry> {
    const { read, where } = readerOf(source);
    const added = await this.library.add(read, where, signal);
    try {
      const providers = this.forced ? [this.forced] : await this.backend.providers();
      const session = await openSession(added.folder, this.backend, providers, signal);
      await session.release();
    } catch (error) {
      this.library.remove(added.folder.manifest.id);
      throw error;
    }
    return entryOf(added);
  }

  remove(id: string): void {
    const used = this.kit && [this.kit.encoder, this.kit.head, this.kit.partner];
    if (used?.some((session) => session?.manifest.id === id)) {
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
    const kit = this.current();
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
      bank: bank && { on: bank.facts.on, threshold: bank.facts.threshold },
      fieldUm,
      tokenUm: fieldUm / kit.encoder.manifest.encoder.grid[1],
    };
  }
}

function loadedModel({ manifest, status }: ModelSession): LoadedModel {
  const { licence, metrics } = manifest;
  return { status, licence, metrics };
}

function entryOf({ folder, origin, where }: KnownModel): ModelEntry {
  const { id, name, role, version, licence, metrics, files } = folder.manifest;
  const bytes = Math.max(
    ...files.map((f) => f.bytes + (f.external ?? []).reduce((sum, part) => sum + part.bytes, 0)),
  );
  const head = folder.manifest.role === 'head' ? folder.manifest.head : null;
  return { id, name, role, version, licence, origin, where, bytes, metrics, head };
}

function readerOf(source: ModelSource): { read: ReadFile; where: string } {
  if (source.kind === 'folder') return { read: fileReader(source.files), where: source.name };
  const url = source.url.replace(/manifest\.json$/, '');
  const base = url.endsWith('/') ? url : `${url}/`;
  return { read: httpReader(base), where: base };
}
