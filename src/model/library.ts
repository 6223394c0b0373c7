/**
 * Every model at hand: those the viewer comes with, and those the user opened from a folder or an
 * address. A head decides the rest of its kit: the encoder whose tokens it reads, and its variant.
 */
import { CytolensError } from '../core/errors.ts';
import { checkFolder } from './check.ts';
import { type ModelFolder, openFolder, parseJson, type ReadFile, subfolder } from './folder.ts';
import { type KitFolders, readsTokensOf } from './kit.ts';
import {
  type AlignmentManifest,
  type EncoderManifest,
  type HeadManifest,
  type ModelManifest,
  parseIndex,
  type SegmenterManifest,
} from './manifest.ts';

export interface KnownModel<M extends ModelManifest = ModelManifest> {
  folder: ModelFolder<M>;
  origin: 'built-in' | 'added';
  /** Folder name or address, as a person knows it. */
  where: string;
}

export class ModelLibrary {
  private constructor(
    private models: readonly KnownModel[],
    private readonly start: { segmenter: string; head: string },
  ) {}

  /** Read the manifests of `models/`; index.json names the folders. */
  static async open(read: ReadFile, signal?: AbortSignal): Promise<ModelLibrary> {
    const index = parseIndex(
      parseJson(await read('index.json', signal), 'models/index.json'),
      'index',
    );
    const open = async (id: string): Promise<KnownModel> => {
      const where = `models/${id}`;
      return {
        folder: await openFolder(subfolder(read, id), where, signal),
        origin: 'built-in',
        where,
      };
    };
    const { segmenter, encoder, heads, alignments } = index;
    const models = await Promise.all([segmenter, encoder, ...heads, ...alignments].map(open));
    return new ModelLibrary(models, { segmenter, head: heads[0] });
  }

  /** In the order they were opened. */
  all(): readonly KnownModel[] {
    return this.models;
  }

  get firstHead(): string {
    return this.start.head;
  }

  heads(): KnownModel<HeadManifest>[] {
    return this.models.filter((m) => isRole(m, 'head'));
  }

  /** The alignment that reads an encoder's tokens, the one added last first; null without one. */
  alignmentFor({ encoder }: EncoderManifest): KnownModel<AlignmentManifest> | null {
    const fits = ({ folder }: KnownModel<AlignmentManifest>) => {
      const { tokens, dim } = folder.manifest.alignment;
      return tokens === encoder.tokens && dim === encoder.dim;
    };
    return this.models.filter((m) => isRole(m, 'alignment')).findLast(fits) ?? null;
  }

  /**
   * Take a folder in after checking it whole (see check.ts) and after `prove` let it pass. A model
   * of the same id that was added before is replaced, and stays when the new one is refused; one
   * that came with the viewer is never replaced. Throws `model`, and what `prove` throws.
   */
  async add(
    read: ReadFile,
    where: string,
    signal?: AbortSignal,
    prove?: (folder: ModelFolder) => Promise<void>,
  ): Promise<KnownModel> {
    const folder = await openFolder(read, where, signal);
    const { manifest } = folder;
    if (manifest.role === 'segmenter') {
      throw new CytolensError(
        'model',
        `"${manifest.name}" is a segmenter. Cytolens takes added encoders and heads; its segmenter stays its own.`,
      );
    }
    if (this.models.some((m) => m.origin === 'built-in' && m.folder.manifest.id === manifest.id)) {
      throw new CytolensError(
        'model',
        `The viewer already comes with a model called ${manifest.id}. Give yours another id in its manifest.json.`,
      );
    }
    if (manifest.role === 'head') this.encoderOf(manifest);
    await checkFolder(folder, signal);
    await prove?.(folder);
    const added: KnownModel = { folder, origin: 'added', where };
    this.models = [...this.models.filter((m) => m.folder.manifest.id !== manifest.id), added];
    return added;
  }

  /** Forget an added model. Throws `model` for one that came with the viewer. */
  remove(id: string): void {
    const known = this.models.find((m) => m.folder.manifest.id === id);
    if (!known || known.origin === 'built-in') {
      throw new CytolensError('model', `${id} is not a model that was added, so it stays.`);
    }
    this.models = this.models.filter((m) => m !== known);
  }

  /** Everything that a head needs beside itself. Throws `model` when its encoder is not here. */
  kitFor(headId: string): KitFolders {
    const head = this.heads().find((m) => m.folder.manifest.id === headId);
    if (!head) {
      throw new CytolensError(
        'model',
        `There is no head called ${headId} here. Add its folder first.`,
      );
    }
    const segmenter = this.models.find(
      (m): m is KnownModel<SegmenterManifest> =>
        isRole(m, 'segmenter') && m.folder.manifest.id === this.start.segmenter,
    );
    if (!segmenter) throw new CytolensError('model', 'The segmenter is missing from the models.');
    const { manifest } = head.folder;
    const partner = this.heads().find(({ folder }) => isVariantOf(folder.manifest, manifest));
    return {
      segmenter: segmenter.folder,
      encoder: this.encoderOf(manifest).folder,
      head: head.folder,
      partner: partner?.folder ?? null,
    };
  }

  /** An encoder by its id. Throws `model` when it is not here. */
  encoder(id: string): ModelFolder<EncoderManifest> {
    const known = this.models.filter((m) => isRole(m, 'encoder'));
    const found = known.find((m) => m.folder.manifest.id === id);
    if (found) return found.folder;
    throw new CytolensError(
      'model',
      `There is no encoder called ${id} here. Add its folder first.`,
    );
  }

  /** A head reads only the tokens it was trained on. Throws `model` when they are nobody's here. */
  encoderOf(head: HeadManifest): KnownModel<EncoderManifest> {
    const encoders = this.models.filter((m) => isRole(m, 'encoder'));
    const found = encoders.findLast((m) => readsTokensOf(head, m.folder.manifest));
    if (found) return found;
    const names = encoders.map((m) => `"${m.folder.manifest.name}"`).join(', ');
    throw new CytolensError(
      'model',
      `The head "${head.name}" was trained on the tokens of another encoder than those here (${names}), so its numbers would mean nothing. Add the encoder it was made for first.`,
      `head: ${head.head.tokens}, ${head.head.count} x ${head.head.dim}`,
    );
  }
}

function isRole<R extends ModelManifest['role']>(
  model: KnownModel,
  role: R,
): model is KnownModel<Extract<ModelManifest, { role: R }>> {
  return model.folder.manifest.role === role;
}

/** The same target on the same tokens, trained the other way. */
function isVariantOf(a: HeadManifest, b: HeadManifest): boolean {
  return (
    a.head.targetId === b.head.targetId &&
    a.head.tokens === b.head.tokens &&
    a.head.variant !== b.head.variant
  );
}
