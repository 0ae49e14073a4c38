import { type Watched, Watcher } from "./file-watcher.ts";

/**
 * Runs something now and after each burst of changes, one run at a time, until it is told to end. Events only say when
 * to look: what has changed, a run finds out by reading everything.
 * @param run - Gives what to look at for changes; it handles its own errors.
 */
export async function runOnChange(run: () => Promise<Watched>, ended: Promise<void>): Promise<void> {
  let changed = (): void => {};
  const watcher = new Watcher(() => changed());
  let isEnded = false;
  const end = ended.then(() => {
    isEnded = true;
  });
  try {
    while (!isEnded) {
      const nextChange = new Promise<void>((resolve) => {
        changed = resolve;
      });
      await watcher.update(await run());
      await Promise.race([nextChange, end]);
    }
  } finally {
    watcher.close();
  }
}
