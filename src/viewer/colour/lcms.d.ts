/** The part of lcms-wasm that is used; the package brings no types of its own. Handles are numbers. */
declare module 'lcms-wasm' {
  export const TYPE_RGB_16: number;
  export const INTENT_RELATIVE_COLORIMETRIC: number;
  export const cmsFLAGS_BLACKPOINTCOMPENSATION: number;

  export interface Lcms {
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** 0 when the bytes are no profile. They are copied. */
    _cmsOpenProfileFromMem(pointer: number, length: number): number;
    cmsCloseProfile(profile: number): void;
    cmsCreate_sRGBProfile(): number;
    cmsGetColorSpaceASCII(profile: number): string | null;
    /** 0 when the profile cannot be used so. */
    cmsCreateTransform(
      from: number,
      fromFormat: number,
      to: number,
      toFormat: number,
      intent: number,
      flags: number,
    ): number;
    cmsDeleteTransform(transform: number): void;
    cmsDoTransform(transform: number, input: Uint16Array, pixels: number): Uint16Array;
  }

  export function instantiate(options?: { locateFile?(name: string): string }): Promise<Lcms>;
}
