/** Number of the kernel's main routing table. */
export const MAIN_TABLE = 254;

/** A route that was added, changed or removed. */
export interface RouteEvent {
  /** Number of the routing table that contains the route. */
  readonly table: number;
  readonly isRemoval: boolean;
}

/** What a line of `ip -N monitor label` reports. */
export type MonitorLine =
  | { readonly type: "route"; readonly route: RouteEvent }
  /** An interface that is switched on and has no carrier, by its number. */
  | { readonly type: "noCarrier"; readonly index: number }
  /** Another change of a link or an address, or an event of unknown format. */
  | { readonly type: "other" }
  /** Another line of the event that the previous line began. */
  | { readonly type: "continuation" };

const ROUTE_LABEL = "[ROUTE]";
/** Matches an event of an interface, and captures its number, flags and state. Names with spaces do not match. */
const LINK = /^\[LINK\](\d{1,9}): \S+: <([^>\s]*)> .*\bstate (\S+)/;

/** Returns what a line of `ip -N monitor label` reports. Never throws. */
export function parseMonitorLine(line: string): MonitorLine {
  if (/^\s/.test(line)) return { type: "continuation" };
  if (!line.startsWith(ROUTE_LABEL)) return linkEvent(line);
  const words = line.slice(ROUTE_LABEL.length).trim().split(/\s+/);
  const table = tableOf(words);
  return table === undefined
    ? { type: "other" }
    : { type: "route", route: { table, isRemoval: words[0] === "Deleted" } };
}

function linkEvent(line: string): MonitorLine {
  const [, index, flags = "", state = ""] = LINK.exec(line) ?? [];
  const isUp = flags.split(",").includes("UP");
  // A wireless card without a network is DORMANT.
  const isLost = isUp && !flags.split(",").includes("LOWER_UP") && state.endsWith("DOWN");
  return isLost ? { type: "noCarrier", index: Number(index) } : { type: "other" };
}

/**
 * Returns the number of the table of a route. `ip` does not print the main table. Returns undefined for a table without
 * number.
 */
function tableOf(words: readonly string[]): number | undefined {
  // An interface may have the name "table".
  const name = words.find((_word, index) => words[index - 1] === "table" && words[index - 2] !== "dev");
  if (name === undefined) return MAIN_TABLE;
  return /^\d+$/.test(name) ? Number(name) : undefined;
}
