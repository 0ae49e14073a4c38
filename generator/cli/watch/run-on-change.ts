import type { Inputs } from "../config/build.ts";
import { FileWatcher } from "./file-watcher.ts";

/**
 * Calls a function now and after each burst of changes, one call at a time, until a promise resolves. An event only
 * starts a call; the function finds out what has changed by reading its inputs.
 * @param run - Returns the inputs to watch, with absolute paths. An exception ends the loop.
 */
export async function runOnChange(run: () => Promise<Inputs>, ended: Promise<void>): Promise<void> {
  let onChange = (): void => {};
  const watcher = new FileWatcher(() => onChange());
  let isEnded = false;
  const end = ended.then(() => {
    isEnded = true;
  });
  try {
    while (!isEnded) {
      const nextChange = new Promise<void>((resolve) => {
        onChange = resolve;
      });
      await watcher.update(await run());
      await Promise.race([nextChange, end]);
    }
  } finally {
    await watcher.close();
  }
}
