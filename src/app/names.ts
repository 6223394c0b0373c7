/** Names as people read them. */

/** 'inflammatory' -> 'Inflammatory'. */
export function typeName(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}

export function providerName(provider: string): string {
  return provider === 'webgpu' ? 'WebGPU' : 'WASM';
}
