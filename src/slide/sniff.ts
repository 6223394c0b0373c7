/** What a file that is not a slide seems to be, for the sentence that refuses it. */
const SIGNATURES: [string, number[], number?][] = [
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a GIF picture', [0x47, 0x49, 0x46, 0x38]],
  ['a WebP picture', [0x57, 0x45, 0x42, 0x50], 8],
  ['a TIFF file (perhaps SVS or OME-TIFF)', [0x49, 0x49, 0x2a, 0x00]],
  ['a TIFF file (perhaps SVS or OME-TIFF)', [0x4d, 0x4d, 0x00, 0x2a]],
  ['a BigTIFF file (perhaps SVS or OME-TIFF)', [0x49, 0x49, 0x2b, 0x00]],
  ['a DICOM file', [0x44, 0x49, 0x43, 0x4d], 128],
  ['a PDF document', [0x25, 0x50, 0x44, 0x46]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a 7-Zip archive', [0x37, 0x7a, 0xbc, 0xaf]],
  ['a RAR archive', [0x52, 0x61, 0x72, 0x21]],
  ['a ZIP archive', [0x50, 0x4b, 0x03, 0x04]],
  ['an empty ZIP archive', [0x50, 0x4b, 0x05, 0x06]],
];

/** How many bytes of the start `seemsToBe` looks at. */
export const SNIFF_LENGTH = 256;

/** Words for the content of a file, from its first bytes: "a PNG picture". */
export function seemsToBe(head: Uint8Array): string {
  if (head.length === 0) return 'an empty file';
  for (const [words, signature, at = 0] of SIGNATURES) {
    if (signature.every((byte, i) => head[at + i] === byte)) return words;
  }
  const text = new TextDecoder().decode(head.subarray(0, SNIFF_LENGTH)).trimStart().toLowerCase();
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) return 'a web page';
  if (text.startsWith('<?xml') || text.startsWith('<')) return 'an XML text';
  if (head.every((byte) => byte >= 9 && byte < 127)) return 'a text file';
  return 'a file of an unknown kind';
}
