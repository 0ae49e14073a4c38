import type { Dialect } from "../policy/dialect.ts";
import { type Connection, connectionChanges, ownChanges } from "../policy/reported-settings.ts";
import type { Settings } from "../policy/settings.ts";
import type { SessionRecord } from "./session-record.ts";

/** What a client is to be told of its session: everything in its first Update, what changed in later ones. */
export interface SessionUpdate {
  readonly session: SessionRecord;
  readonly settings: Settings;
}

const NOTHING: Settings = {};

/** Keeps what clients have not been told yet. */
export class UpdateQueue {
  readonly #dialect: Dialect;
  readonly #touched = new Set<SessionRecord>();
  #updates: SessionUpdate[] = [];

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Something about a session may have changed. */
  touch(record: SessionRecord): void {
    if (record.told !== undefined) this.#touched.add(record);
  }

  /** Tells everything about a session, once. */
  open(record: SessionRecord, connection: Connection): void {
    if (record.told !== undefined) return;
    record.told = { connection, own: record.own };
    this.#updates.push({ session: record, settings: { ...connection.settings, ...record.own } });
  }

  /** Tells what changed about one session now. */
  finish(record: SessionRecord): void {
    if (this.#touched.delete(record)) this.#tell(record, new Map());
  }

  forget(record: SessionRecord): void {
    this.#touched.delete(record);
  }

  /** Makes updates of what has changed up to here. */
  gather(): void {
    if (this.#touched.size === 0) return;
    const known: KnownChanges = new Map();
    for (const record of this.#inOrder()) this.#tell(record, known);
    this.#touched.clear();
  }

  /** The updates to send; they are forgotten here. */
  take(): readonly SessionUpdate[] {
    this.gather();
    const updates = this.#updates;
    this.#updates = [];
    return updates;
  }

  #inOrder(): readonly SessionRecord[] {
    const { priorityFirst } = this.#dialect;
    return [...this.#touched].sort(
      (one, other) =>
        (priorityFirst ? Number(other.hasPriority) - Number(one.hasPriority) : 0) || one.mark - other.mark,
    );
  }

  #tell(record: SessionRecord, known: KnownChanges): void {
    const { told, cohort, own, again } = record;
    if (told === undefined || cohort === undefined) return;
    const { connection } = cohort;
    const changed = told.connection === connection ? NOTHING : this.#changes(told.connection, connection, known);
    const changedOwn =
      told.own === own && again.length === 0 ? NOTHING : ownChanges(this.#dialect, told.own, own, again);
    told.connection = connection;
    told.own = own;
    record.again = [];
    const settings = isEmpty(changedOwn) ? changed : { ...changed, ...changedOwn };
    if (!isEmpty(settings)) this.#updates.push({ session: record, settings });
  }

  /** Sessions that had and have the same service share the answer. */
  #changes(before: Connection, after: Connection, known: KnownChanges): Settings {
    let fromBefore = known.get(before);
    if (fromBefore === undefined) {
      fromBefore = new Map();
      known.set(before, fromBefore);
    }
    let changed = fromBefore.get(after);
    if (changed === undefined) {
      changed = connectionChanges(this.#dialect, before, after);
      fromBefore.set(after, changed);
    }
    return changed;
  }
}

type KnownChanges = Map<Connection, Map<Connection, Settings>>;

function isEmpty(settings: Settings): boolean {
  for (const _ in settings) return false;
  return true;
}
