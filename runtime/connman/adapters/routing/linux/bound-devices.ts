import type { TrafficOwner } from "../routing.ts";

/** A session whose traffic is marked. */
interface OwnedSession {
  readonly mark: number;
  /** Number of the session's routing table. */
  readonly table: number;
  readonly owner: TrafficOwner;
  readonly interface: string;
}

/**
 * An interface of an older session of an owner. Sockets of the owner that are bound to the interface (SO_BINDTODEVICE)
 * belong to that session.
 */
export interface BoundDevice extends OwnedSession {
  /** Mark of the owner's newest session, which new connections of the owner get. */
  readonly newestMark: number;
}

/**
 * Returns the interfaces of older sessions of each owner. If several sessions of an owner use one interface, the newest
 * is returned.
 */
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
