/** The codec libraries ship no types; these are the parts that are used (see wasm.ts). */
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const start: (options: object) => Promise<{ J2KDecoder: new () => never }>;
  export default start;
}
declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const start: (options: object) => Promise<{ JpegLSDecoder: new () => never }>;
  export default start;
}
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  const start: (options: object) => Promise<{ HTJ2KDecoder: new () => never }>;
  export default start;
}
