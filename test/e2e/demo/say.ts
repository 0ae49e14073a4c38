import { setTimeout as delay } from "node:timers/promises";

/** Prints a line about an application or the network. */
export function say(who: string, what: string): void {
  process.stdout.write(`${who.padEnd(9)}${what}\n`);
}

/** Milliseconds after which an expected event counts as missing, also on a busy machine. */
const TIMEOUT_MS = 60_000;

/** Waits until a condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + TIMEOUT_MS; !condition(); await delay(5)) {
    if (Date.now() > end) throw new Error(`this did not happen in time: ${condition}`);
  }
}
