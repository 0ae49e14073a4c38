/**
 * Returns the flags of Node.js with which V8 optimizes a function after it has run for a number of bytes of bytecode
 * (usually 135,168). Empty if this release of V8 does not know the flag.
 */
export function optimizeLater(bytes: number): readonly string[] {
  return process.versions.v8.startsWith("11.") ? [`--interrupt-budget=${bytes}`] : [];
}
