import { bodyCodec } from "../wire/arguments-codec.ts";
import { decodeBody, type Message } from "../wire/message.ts";
import { SIGNALS } from "./bus-members.ts";

/** A new owner of a bus name; empty if the name has none. */
export interface OwnerChange {
  readonly name: string;
  readonly owner: string;
}

const NAME_OWNER_CHANGED = bodyCodec(SIGNALS.NameOwnerChanged);

/** The signal that was read last: several listeners receive the same one. */
let last: { readonly signal: Message; readonly change: OwnerChange } | undefined;

/**
 * Reads NameOwnerChanged. Returns undefined if the signal has another signature. Throws MalformedMessageError.
 */
export function readOwnerChange(signal: Message): OwnerChange | undefined {
  if (signal === last?.signal) return last.change;
  if (signal.signature !== NAME_OWNER_CHANGED.signature) return undefined;
  const [name, , owner] = decodeBody(signal, NAME_OWNER_CHANGED);
  const change = { name: String(name), owner: String(owner) };
  last = { signal, change };
  return change;
}
