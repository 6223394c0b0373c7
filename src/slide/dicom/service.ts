/**
 * Requests to a DICOMweb service (PS3.18, 8 and 10), on fetch: `dicomweb-client` is built on
 * XMLHttpRequest, which Node lacks and no AbortSignal reaches. The token goes into a header and
 * nowhere else; addresses in details are cut to the host, as identifiers may lead to a person.
 */
import { CytolensError, cancelled } from '../../core/errors.ts';
import type { Bytes } from '../bytes.ts';
import type { Bulk } from './dataset.ts';
import { firstPart, type Part } from './multipart.ts';

const JSON_TYPE = 'application/dicom+json';
/** Whatever the frame is stored as; without the last word servers decompress it first. */
const AS_STORED = 'multipart/related; type="application/octet-stream"; transfer-syntax=*';
const JSON_LIMIT = 256 * 1024 * 1024;
const BYTES_LIMIT = 64 * 1024 * 1024;

export class Service {
  private readonly root: string;
  private readonly host: string;

  /** Throws `format` for what is no http address, or one that holds a name and password. */
  constructor(
    address: string,
    private readonly token?: string,
  ) {
    const url = URL.canParse(address.trim()) ? new URL(address.trim()) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
      throw new CytolensError(
        'format',
        'This is not the address of a DICOMweb service. It begins with https:// and often ends in /dicom-web; a token goes into the field beside it, not into the address.',
      );
    }
    this.root = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
    this.host = url.host;
  }

  /** A list of objects in DICOM JSON; empty when there is nothing to tell. */
  async json(path: string, signal?: AbortSignal): Promise<unknown[]> {
    const response = await this.get(path, JSON_TYPE, signal);
    if (response.status === 204) return [];
    const bytes = await this.body(response, JSON_LIMIT, signal);
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      value = null;
    }
    if (Array.isArray(value)) return value;
    throw new CytolensError(
      'format',
      'The server answers something else than DICOMweb. Check the address of the service: it often ends in /dicom-web.',
      `${this.host}: ${response.headers.get('content-type') ?? 'no type'}`,
    );
  }

  /** The first part of an answer in bytes. */
  async bytes(path: string, signal?: AbortSignal): Promise<Part> {
    const response = await this.get(path, AS_STORED, signal);
    const body = await this.body(response, BYTES_LIMIT, signal);
    return firstPart(response.headers.get('content-type') ?? '', body);
  }

  /**
   * A value that the service names by address. Behind a proxy the host in it is often an inner
   * one, so only its path below `studies` counts; the token never goes to another host.
   */
  bulkAt(address: string): Bulk | null {
    const path = /\/(studies\/.+)$/.exec(address)?.[1];
    if (!path) return null;
    return async (signal) => (await this.bytes(path, signal)).bytes;
  }

  private async get(path: string, accept: string, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Accept: accept };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    let response: Response;
    try {
      response = await fetch(`${this.root}/${path}`, { headers, signal });
    } catch (error) {
      throw this.failure(error, signal);
    }
    if (response.ok) return response;
    await response.body?.cancel().catch(() => undefined);
    throw this.refused(response.status);
  }

  private async body(response: Response, limit: number, signal?: AbortSignal): Promise<Bytes> {
    const length = Number(response.headers.get('content-length') ?? 0);
    if (length > limit) {
      await response.body?.cancel().catch(() => undefined);
      throw new CytolensError(
        'too-large',
        'The DICOMweb service sends far more than a slide needs, so it was not read.',
        `${this.host}: ${length} bytes`,
      );
    }
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw this.failure(error, signal);
    }
  }

  private failure(error: unknown, signal?: AbortSignal): CytolensError {
    if (signal?.aborted) return cancelled();
    return new CytolensError(
      'network',
      'No answer from the DICOMweb service. Either this computer is offline or the address is wrong, or the service does not let other sites read from it (CORS). Check the address; if it is right, ask whoever runs the service to allow this page.',
      `${this.host}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  private refused(status: number): CytolensError {
    const detail = `${this.host}: HTTP ${status}`;
    if (status === 401 || status === 403) {
      return new CytolensError(
        'not-found',
        this.token
          ? 'The DICOMweb service does not accept this token. It may be mistyped, out of date, or not meant for these slides.'
          : 'The DICOMweb service asks for a token. Enter the one that its owner gave you.',
        detail,
      );
    }
    if (status === 404 || status === 410) {
      return new CytolensError(
        'not-found',
        'The DICOMweb service does not have what was asked for: a slide or a tile that was removed, or the address is not that of the service.',
        detail,
      );
    }
    if (status === 406 || status === 415) {
      return new CytolensError(
        'unsupported',
        'The DICOMweb service does not hand out tiles as they are stored. Download the files and open them from disk.',
        detail,
      );
    }
    return new CytolensError(
      'network',
      `The DICOMweb service reports a fault (${status}). Try again later, or download the files and open them from disk.`,
      detail,
    );
  }
}
