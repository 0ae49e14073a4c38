import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { StatusSpecMap } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";

const { Available, Away, ExtendedAway, Hidden, Busy } = ConnectionPresenceType;

/** Types of statuses that replace a type which a protocol does not have, the preferred one first. */
const SUBSTITUTES: ReadonlyMap<ConnectionPresenceType, readonly ConnectionPresenceType[]> = new Map([
  [Away, [Away, ExtendedAway, Available]],
  [ExtendedAway, [ExtendedAway, Away, Available]],
  [Hidden, [Hidden, Busy, Away, Available]],
  [Busy, [Busy, Away, Available]],
]);

/** Arguments of SetPresence. */
export interface ChosenStatus {
  readonly status: string;
  readonly message: string;
}

/**
 * Returns the status that expresses a presence best: the one of the same name, otherwise one of the same type, otherwise
 * of a similar type. It has the message of the presence if it can have one. Undefined: the user can have no such status.
 */
export function chooseStatus(statuses: StatusSpecMap, presence: Presence): ChosenStatus | undefined {
  const settable = Object.entries(statuses).filter(([, { maySetOnSelf }]) => maySetOnSelf);
  const types = SUBSTITUTES.get(presence.type) ?? [presence.type];
  const candidates = [
    ...settable.filter(([name]) => name === presence.status),
    ...types.flatMap((type) => settable.filter(([, spec]) => spec.type === type)),
  ];
  const [chosen] = candidates;
  if (chosen === undefined) return undefined;
  const [status, { canHaveMessage }] = chosen;
  return { status, message: canHaveMessage ? presence.statusMessage : "" };
}
