import { closeSync } from "node:fs";

/** The file descriptors that came with a message. Those that nobody keeps are closed. */
export class Descriptors {
  #open: readonly number[];
  readonly #read = new Set<number>();

  constructor(open: readonly number[]) {
    this.#open = open;
  }

  /** The descriptor of an index in the body; undefined where there is none, or somebody else keeps it. */
  read(index: number): number | undefined {
    const descriptor = this.#open[index];
    if (descriptor !== undefined) this.#read.add(descriptor);
    return descriptor;
  }

  /** What was read belongs to whoever read it from now on; the others are closed. */
  keep(): void {
    const unread = this.#open.filter((descriptor) => !this.#read.has(descriptor));
    this.#open = [];
    closeAll(unread);
  }

  /** Closes all, unless they are kept. */
  close(): void {
    closeAll(this.#open);
    this.#open = [];
  }
}

/** Closes file descriptors that came and that nobody wants. */
export function closeAll(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) {
    try {
      closeSync(descriptor);
    } catch {
      // It is closed as well as can be.
    }
  }
}
