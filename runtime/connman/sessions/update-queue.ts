import type { Dialect } from "../policy/dialect.ts";
import { type Assignment, changedServiceSettings, changedSessionSettings } from "../policy/reported-settings.ts";
import type { Settings } from "../policy/settings.ts";
import type { SessionRecord } from "./session-record.ts";

/** Settings to send to the client of a session: all in its first Update, the changed ones in later Updates. */
export interface SessionUpdate {
  readonly session: SessionRecord;
  readonly settings: Settings;
}

const NO_SETTINGS: Settings = {};

/** Updates that wait to be sent. */
export class UpdateQueue {
  readonly #dialect: Dialect;
  readonly #changed = new Set<SessionRecord>();
  #updates: SessionUpdate[] = [];
  /** The first Update that was created most recently. Sessions with the same assignment and settings share it. */
  #lastFirst: FirstUpdate | undefined;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Records that settings of a session may have changed. Has no effect before the first Update. */
  markChanged(record: SessionRecord): void {
    if (record.reported !== undefined) this.#changed.add(record);
  }

  /** Queues the first Update of a session, unless it was queued before. */
  reportFirst(record: SessionRecord, assignment: Assignment): void {
    if (record.reported !== undefined) return;
    const { settings } = record;
    record.reported = { assignment, settings };
    if (this.#lastFirst?.assignment !== assignment || this.#lastFirst.settings !== settings) {
      this.#lastFirst = { assignment, settings, reported: { ...assignment.settings, ...settings } };
    }
    this.#updates.push({ session: record, settings: this.#lastFirst.reported });
  }

  /** Queues a last Update with the changes of a session, unless nothing has changed. */
  reportLast(record: SessionRecord): void {
    if (this.#changed.delete(record)) this.#report(record, new Map());
  }

  /** Discards the changes of a session. Queued Updates stay. */
  remove(record: SessionRecord): void {
    this.#changed.delete(record);
  }

  /** Queues Updates with all changes since the last report. */
  reportChanges(): void {
    if (this.#changed.size === 0) return;
    const computed: ComputedChanges = new Map();
    for (const record of this.#inReportOrder()) this.#report(record, computed);
    this.#changed.clear();
  }

  /** Returns the queued Updates and removes them from the queue. Reports all changes first. */
  take(): readonly SessionUpdate[] {
    this.reportChanges();
    const updates = this.#updates;
    this.#updates = [];
    return updates;
  }

  #inReportOrder(): readonly SessionRecord[] {
    const isByAge = this.#dialect.updateOrder === "by age";
    const rank = ({ hasPriority, group }: SessionRecord): number =>
      2 * Number(hasPriority) + Number(group?.state.isActive ?? false);
    return [...this.#changed].sort((left, right) => (isByAge ? 0 : rank(right) - rank(left)) || left.mark - right.mark);
  }

  #report(record: SessionRecord, computed: ComputedChanges): void {
    const { reported, group, settings, repeatedSettings } = record;
    if (reported === undefined || group === undefined) return;
    const { assignment } = group;
    const ofService =
      reported.assignment === assignment
        ? NO_SETTINGS
        : this.#serviceChanges(reported.assignment, assignment, computed);
    const ofSession =
      reported.settings === settings && repeatedSettings.length === 0
        ? NO_SETTINGS
        : changedSessionSettings(this.#dialect, reported.settings, settings, repeatedSettings);
    reported.assignment = assignment;
    reported.settings = settings;
    record.repeatedSettings = [];
    const changes = isEmpty(ofSession) ? ofService : { ...ofService, ...ofSession };
    if (!isEmpty(changes)) this.#updates.push({ session: record, settings: changes });
  }

  /** Returns the changed settings between two assignments. Sessions of a group share the result. */
  #serviceChanges(before: Assignment, after: Assignment, computed: ComputedChanges): Settings {
    let fromBefore = computed.get(before);
    if (fromBefore === undefined) {
      fromBefore = new Map();
      computed.set(before, fromBefore);
    }
    let changes = fromBefore.get(after);
    if (changes === undefined) {
      changes = changedServiceSettings(this.#dialect, before, after);
      fromBefore.set(after, changes);
    }
    return changes;
  }
}

/** A first Update with the values from which it was made. */
interface FirstUpdate {
  readonly assignment: Assignment;
  readonly settings: Settings;
  readonly reported: Settings;
}

/** Cache of changed settings, by the assignment before and then by the assignment after. */
type ComputedChanges = Map<Assignment, Map<Assignment, Settings>>;

function isEmpty(settings: Settings): boolean {
  for (const _ in settings) return false;
  return true;
}
