import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { knownV8Flags } from "./v8-flags.ts";

/** Flags of V8 that decide when it compiles a function for speed. */
const FLAGS = {
  /** After 5,000 bytes of bytecode that the function has run, instead of 67,584. */
  during: ["--interrupt-budget=5000"],
  /** What runs often is compiled then. Compiling the rest would take more processor time than it saves. */
  afterwards: ["--interrupt-budget=135168", "--max-bytecode-size-for-early-opt=0"],
};
const ROUNDS = 8;

/**
 * Runs a function several times, so that the engine has compiled it for speed when it is needed. V8 of Node.js 20 compiles
 * less from then on.
 *
 * @param round - Does what is needed later.
 * @param setFlag - Sets a flag of V8, which applies to the whole process. By default that of `node:v8`.
 */
export async function warmUp(round: () => Promise<void>, setFlag = setFlagsFromString): Promise<void> {
  // These can be changed at any time, unlike flags of the garbage collector.
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
