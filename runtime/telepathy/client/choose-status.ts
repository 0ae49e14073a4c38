import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { StatusSpecMap } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";

const { Available, Away, ExtendedAway, Hidden, Busy } = ConnectionPresenceType;

/** For each type of presence, the types that can represent it, in order of preference. */
const SUBSTITUTES: ReadonlyMap<ConnectionPresenceType, readonly ConnectionPresenceType[]> = new Map([
  [Away, [Away, ExtendedAway, Available]],
  [ExtendedAway, [ExtendedAway, Away, Available]],
  [Hidden, [Hidden, Busy, Away, Available]],
  [Busy, [Busy, Away, Available]],
]);

/** Arguments of the D-Bus method SetPresence. */
export interface ChosenStatus {
  readonly status: string;
  readonly message: string;
}

/**
 * Returns the status that matches a presence best: one with the same name, otherwise one of the same type,
 * otherwise one of a similar type. Includes the message of the presence if the status can have a message. Returns
 * undefined if the user can set no such status.
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
