import { promises } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/**
 * Runs a function as if the process crashed after a number of file operations: all further operations of
 * `node:fs/promises` fail, in all modules.
 */
export async function withCrashAfter<T>(operations: number, run: () => Promise<T>): Promise<T> {
  const real = { ...promises };
  let remaining = operations;
  for (const [name, value] of Object.entries(real)) {
    if (typeof value !== "function") continue;
    Reflect.set(promises, name, (...args: unknown[]): unknown => {
      if (remaining-- <= 0) throw new Error("dead");
      return Reflect.apply(value, promises, args);
    });
  }
  syncBuiltinESMExports();
  try {
    return await run();
  } finally {
    Object.assign(promises, real);
    syncBuiltinESMExports();
  }
}
