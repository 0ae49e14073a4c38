const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Blocks the event loop, as a function that computes for a long time does, but without using the processor. */
export function block(durationMs: number): void {
  Atomics.wait(cell, 0, 0, durationMs);
}
