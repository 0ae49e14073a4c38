import { withTimeout } from "@dbus-codegen-ts/runtime/async";
import type { SessionRecord } from "../sessions/session-record.ts";
import type { ServedSession, SessionClients } from "./session-clients.ts";
import type { UpdateSender } from "./update-sender.ts";

/** Maximum time for which closing the service waits for a bus or client that does not read. */
export const CLOSE_TIMEOUT_MS = 3000;

/**
 * Sends Release for all sessions, and ends them. Each client gets the messages only as fast as it reads them. If a
 * client does not read at all, its sessions end after a timeout. Never rejects.
 *
 * @param end - Ends a session after its Release.
 */
export async function releaseAll(clients: SessionClients, end: (record: SessionRecord) => void): Promise<void> {
  const isPresent = ({ record }: ServedSession): boolean => clients.at(record.path)?.record === record;
  const release = async (updates: UpdateSender, sessions: readonly ServedSession[]): Promise<void> => {
    let isReading = true;
    for (const session of sessions) {
      if (isReading) isReading = await settledWithin(CLOSE_TIMEOUT_MS, updates.ready());
      if (isPresent(session)) await settledWithin(CLOSE_TIMEOUT_MS, updates.release(session.notification));
      if (isPresent(session)) end(session.record);
    }
  };
  await Promise.all(clients.byClient().map(({ updates, sessions }) => release(updates, sessions)));
}

/** Waits until a promise is settled, for at most `timeoutMs`. Returns whether the promise is settled. Never rejects. */
export function settledWithin(timeoutMs: number, promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.catch(() => undefined);
  return withTimeout(settled, timeoutMs).then(
    () => true,
    () => false,
  );
}
