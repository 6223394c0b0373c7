/** A WebGL2 that draws nothing and counts what it is asked for, for tests without a graphics card. */

export interface CountedGl {
  canvas: HTMLCanvasElement;
  /** How often each function was called since the last `reset`. */
  calls: Map<string, number>;
  /** Values given to uniforms by name, last ones. */
  uniforms: Map<string, unknown[]>;
  /** Bytes of buffers and textures that were sent. */
  sent(): number;
  reset(): void;
}

export function countedGl(largestPoint = 1024): CountedGl {
  const calls = new Map<string, number>();
  const uniforms = new Map<string, unknown[]>();
  let bytes = 0;
  const answers: Record<string, (...args: unknown[]) => unknown> = {
    getShaderParameter: () => true,
    getProgramParameter: () => true,
    isContextLost: () => false,
    getUniformLocation: (_, name) => name,
    getParameter: () => [1, largestPoint],
  };
  const gl = new Proxy(
    {},
    {
      get(_, name: string) {
        // Constants are written in capitals; any number will do.
        if (/^[A-Z0-9_]+$/.test(name)) return name.length;
        if (name.startsWith('drawingBuffer')) return 100;
        return (...args: unknown[]) => {
          calls.set(name, (calls.get(name) ?? 0) + 1);
          for (const arg of args) {
            if (ArrayBuffer.isView(arg) && /^(buffer|tex)/.test(name)) bytes += arg.byteLength;
          }
          if (/^uniform/.test(name)) uniforms.set(String(args[0]), args.slice(1));
          return answers[name]?.(...args) ?? {};
        };
      },
    },
  );
  const canvas = {
    width: 100,
    height: 100,
    getContext: () => gl,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
  return {
    canvas: canvas as unknown as HTMLCanvasElement,
    calls,
    uniforms,
    sent: () => bytes,
    reset() {
      calls.clear();
      bytes = 0;
    },
  };
}
