import { closeSync } from "node:fs";

/** The file descriptors of a received message. They are closed unless they are handed over to the application. */
export class Descriptors {
  #open: readonly number[];
  readonly #read = new Set<number>();

  constructor(open: readonly number[]) {
    this.#open = open;
  }

  /**
   * Returns the descriptor at an index that a value contains; undefined if there is no such index, or the descriptors
   * were handed over.
   */
  read(index: number): number | undefined {
    const descriptor = this.#open[index];
    if (descriptor !== undefined) this.#read.add(descriptor);
    return descriptor;
  }

  /** Makes the application the owner of the descriptors that were read, and closes all others. */
  handOver(): void {
    const unread = this.#open.filter((descriptor) => !this.#read.has(descriptor));
    this.#open = [];
    closeDescriptors(unread);
  }

  /** Closes all descriptors that were not handed over. */
  close(): void {
    closeDescriptors(this.#open);
    this.#open = [];
  }
}

/** Closes file descriptors; errors are ignored. */
export function closeDescriptors(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) {
    try {
      closeSync(descriptor);
    } catch {
      // There is nothing else to release.
    }
  }
}
