// Copied next to the programs of the rows, which import it as `./write-back.js`.
import { setTimeout } from "node:timers/promises";
import { inspect, isDeepStrictEqual } from "node:util";

/** First word of the lines that `writeBack` prints. */
export const WRITE_BACK = "write-back";

/** A dictionary of a daemon. What is read and what is written have the same type, so that no cast is needed. */
export interface Access<T extends object> {
  readonly read: () => Promise<T>;
  readonly write: (value: T) => Promise<unknown>;
}

/**
 * Reads a dictionary, replaces some of its values, writes it, and waits until these values are read. Prints a line for each
 * of them: name, key, and both values.
 *
 * @param name - Name of the type of the dictionary.
 * @param change - Returns the new values, which differ from those of the dictionary.
 */
export async function writeBack<T extends object>(
  name: string,
  { read, write }: Access<T>,
  change: (before: T) => Partial<T>,
): Promise<void> {
  const before = await read();
  const changes = change(before);
  await write({ ...before, ...changes });
  const remaining = (after: T): readonly string[] =>
    Object.keys(changes).filter((key) => !isEqual(Reflect.get(after, key), Reflect.get(changes, key)));
  for (let after = await read(); remaining(after).length > 0; after = await read()) await setTimeout(20);
  for (const [key, value] of Object.entries(changes)) {
    const old: unknown = Reflect.get(before, key);
    if (isEqual(old, value)) throw new Error(`${name}.${key} is not changed`);
    console.log(`${WRITE_BACK} ${name}.${differences(key, old, value).join(", ")}`);
  }
}

/** Returns what differs between two values, as `bridge.ageingTime: 300 -> 120`. */
function differences(path: string, old: unknown, value: unknown): readonly string[] {
  if (!isRecord(old) || !isRecord(value)) return [`${path}: ${text(old)} -> ${text(value)}`];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(value)])];
  const changed = keys.filter((key) => !isEqual(old[key], value[key]));
  return changed.flatMap((key) => differences(`${path}.${key}`, old[key], value[key]));
}

/** Returns whether two values have the same contents. The prototypes of their objects may differ. */
function isEqual(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(structuredClone(a), structuredClone(b));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function text(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY });
}
