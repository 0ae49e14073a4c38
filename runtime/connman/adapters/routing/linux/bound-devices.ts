import type { TrafficOwner } from "../routing.ts";

/** A session whose traffic is marked. */
interface OwnedSession {
  readonly mark: number;
  /** Number of its routing table. */
  readonly table: number;
  readonly owner: TrafficOwner;
  readonly interface: string;
}

/** Sockets of an owner that are bound to the interface of an older session (SO_BINDTODEVICE), to which they belong. */
export interface BoundDevice extends OwnedSession {
  /** Mark that new connections of the owner get: that of its newest session. */
  readonly newestMark: number;
}

/** Returns the interfaces of older sessions of each owner. Of several sessions with an interface, the newest counts. */
export function boundDevices(sessions: readonly OwnedSession[]): readonly BoundDevice[] {
  const byOwner = new Map<string, Map<string, OwnedSession>>();
  for (const session of sessions.toSorted((left, right) => right.mark - left.mark)) {
    const key = JSON.stringify(session.owner);
    const ofOwner = byOwner.get(key) ?? new Map<string, OwnedSession>();
    if (!ofOwner.has(session.interface)) ofOwner.set(session.interface, session);
    byOwner.set(key, ofOwner);
  }
  return [...byOwner.values()].flatMap((ofOwner) => {
    const [newest, ...older] = ofOwner.values();
    return newest === undefined ? [] : older.map((session) => ({ ...session, newestMark: newest.mark }));
  });
}
