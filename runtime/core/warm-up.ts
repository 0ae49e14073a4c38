import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { knownV8Flags } from "./v8-flags.ts";

/** V8 flags that determine when V8 optimizes a function. */
const FLAGS = {
  /**
   * During the warm-up, V8 considers a function for optimization after it has run 2,000 bytes of bytecode instead of
   * 67,584. Only small functions are inlined, because optimizing takes twice the time otherwise.
   */
  during: ["--interrupt-budget=2000", "--max-inlined-bytecode-size-cumulative=200"],
  /**
   * After the warm-up, functions that run often are optimized, with less inlining than by default (920). Optimizing more
   * would take more processor time than it saves.
   */
  afterwards: [
    "--interrupt-budget=135168",
    "--max-bytecode-size-for-early-opt=0",
    "--max-inlined-bytecode-size-cumulative=400",
  ],
};
const ROUNDS = 4;

/**
 * Runs a function several times, so that V8 has optimized the code before it is needed. After that, V8 of Node.js 20
 * optimizes less code.
 *
 * @param round - Does the work for which the program should be prepared.
 * @param setFlag - Sets a V8 flag of the whole process. Default: the function of `node:v8`.
 */
export async function warmUp(round: () => Promise<void>, setFlag = setFlagsFromString): Promise<void> {
  // These V8 flags can be changed at any time, unlike flags of the garbage collector.
  const setFlags = (flags: readonly string[]): void => {
    for (const flag of knownV8Flags(flags)) setFlag(flag);
  };
  setFlags(FLAGS.during);
  try {
    for (let number = 0; number < ROUNDS; number++) {
      await round();
      // Compiled code is used from the next turn on.
      await turn();
    }
  } finally {
    setFlags(FLAGS.afterwards);
  }
}
