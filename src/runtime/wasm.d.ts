/** The package's own entry: the host compiles it. */
declare module 'llminit/kernels.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

/** The kernels of serving alone. */
declare module 'llminit/serving.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*.wasm?base64' {
  const base64: string;
  export default base64;
}

declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
