/** The browser's own storage in memory, for tests: locks, swapped writes and a quota as it has. */

export interface FakeStorage {
  root: FileSystemDirectoryHandle;
  /** Bytes that all files may hold together. */
  quota: number;
  /** As in a private window of Chromium: a write that does not fit gives 2^32 - 8 bytes. */
  isPrivate: boolean;
  /** Called when a file was taken and is about to be read. */
  beforeRead: () => void;
  used(): number;
}

interface FakeFile {
  bytes: Uint8Array<ArrayBuffer>;
  locked: boolean;
}

export function fakeStorage(quota = Infinity): FakeStorage {
  const files = new Set<FakeFile>();
  const storage: FakeStorage = {
    root: undefined as unknown as FileSystemDirectoryHandle,
    quota,
    isPrivate: false,
    beforeRead: () => undefined,
    used: () => [...files].reduce((sum, file) => sum + file.bytes.length, 0),
  };
  const grow: Grow = (file, bytes, at) => {
    const length = Math.max(file.bytes.length, at + bytes.length);
    const room = storage.quota - storage.used() + file.bytes.length;
    if (length > room && storage.isPrivate) return 2 ** 32 - 8;
    if (length > room) throw new DOMException('no room', 'QuotaExceededError');
    const next = new Uint8Array(length);
    next.set(file.bytes);
    next.set(bytes, at);
    file.bytes = next;
    return bytes.length;
  };
  storage.root = directory('', { files, grow, beforeRead: () => storage.beforeRead() });
  return storage;
}

/** Write; gives the number of bytes written. */
type Grow = (file: FakeFile, bytes: Uint8Array, at: number) => number;

/** What the folders of one storage share. */
interface Disk {
  files: Set<FakeFile>;
  grow: Grow;
  beforeRead(): void;
}

function directory(name: string, disk: Disk): FileSystemDirectoryHandle {
  const folders = new Map<string, FileSystemDirectoryHandle>();
  const entries = new Map<string, FakeFile>();
  const missing = () => new DOMException('no such entry', 'NotFoundError');
  const handle = {
    kind: 'directory',
    name,
    entries,
    folders,
    async getDirectoryHandle(child: string, { create = false } = {}) {
      if (!folders.has(child)) {
        if (!create) throw missing();
        folders.set(child, directory(child, disk));
      }
      return folders.get(child);
    },
    async getFileHandle(child: string, { create = false } = {}) {
      let file = entries.get(child);
      if (!file) {
        if (!create) throw missing();
        file = { bytes: new Uint8Array(0), locked: false };
        entries.set(child, file);
        disk.files.add(file);
      }
      return fileHandle(child, file, disk);
    },
    async removeEntry(child: string) {
      const inside = entries.get(child) ?? (folders.get(child) as unknown as typeof handle);
      if (!inside) throw missing();
      const gone = 'bytes' in inside ? [inside] : filesBelow(inside);
      if (gone.some((file) => file.locked)) throw locked();
      for (const file of gone) disk.files.delete(file);
      entries.delete(child);
      folders.delete(child);
    },
    async *values() {
      yield* folders.values();
      for (const [child, file] of entries) yield fileHandle(child, file, disk);
    },
  };
  return handle as unknown as FileSystemDirectoryHandle;
}

interface Below {
  entries: Map<string, FakeFile>;
  folders: Map<string, FileSystemDirectoryHandle>;
}

function filesBelow({ entries, folders }: Below): FakeFile[] {
  const below = [...folders.values()] as unknown as Below[];
  return [...entries.values(), ...below.flatMap(filesBelow)];
}

function fileHandle(name: string, file: FakeFile, disk: Disk): FileSystemFileHandle {
  const { grow, beforeRead } = disk;
  const handle = {
    kind: 'file',
    name,
    getFile: async () => snapshot(name, file, beforeRead),
    async createSyncAccessHandle() {
      if (file.locked) throw locked();
      file.locked = true;
      return {
        getSize: () => file.bytes.length,
        read(out: Uint8Array, { at = 0 } = {}) {
          const bytes = file.bytes.subarray(at, at + out.length);
          out.set(bytes);
          return bytes.length;
        },
        write(bytes: Uint8Array, { at = 0 } = {}) {
          return grow(file, bytes, at);
        },
        truncate(size: number) {
          const cut = file.bytes.slice(0, size);
          file.bytes = new Uint8Array(0);
          grow(file, cut, 0);
          if (size > cut.length) grow(file, new Uint8Array(size - cut.length), cut.length);
        },
        flush() {},
        close() {
          file.locked = false;
        },
      };
    },
    async createWritable() {
      let next = new Uint8Array(0);
      return {
        async write(bytes: Uint8Array<ArrayBuffer>) {
          next = bytes.slice();
        },
        async close() {
          const old = file.bytes;
          file.bytes = new Uint8Array(0);
          try {
            grow(file, next, 0);
          } catch (error) {
            file.bytes = old;
            throw error;
          }
        },
      };
    },
  };
  return handle as unknown as FileSystemFileHandle;
}

/** A File of this moment, which can no longer be read when the file has changed. */
function snapshot(
  name: string,
  file: FakeFile,
  beforeRead: () => void,
): Pick<File, 'name' | 'size' | 'slice'> {
  const { bytes } = file;
  return {
    name,
    size: bytes.length,
    slice(from, to) {
      const blob = new Blob([bytes.slice(from, to)]);
      blob.arrayBuffer = async () => {
        beforeRead();
        if (file.bytes !== bytes) throw new DOMException('changed', 'NotReadableError');
        return bytes.slice(from, to).buffer;
      };
      return blob;
    },
  };
}

function locked(): DOMException {
  return new DOMException('in use', 'NoModificationAllowedError');
}
