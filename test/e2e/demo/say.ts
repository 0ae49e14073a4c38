/** Prints a line about an application or the network. */
export function say(who: string, what: string): void {
  process.stdout.write(`${who.padEnd(9)}${what}\n`);
}

/** Milliseconds in which all consequences of an event on a simulated network arrive. */
const SETTLE_MS = 60;

export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}
