import { DAEMON, DAEMON_PATH } from "./daemon.ts";
import { type MatchRules, matchRule } from "./matches.ts";

const MAX_IDLE = 64;

interface WatchedName {
  uses: number;
  /** Unique name of the current owner. */
  owner: string | undefined;
  /** Owners before, as long as a call made to them may still be answered. */
  readonly former: Set<string>;
  /** Whether NameOwnerChanged has spoken, so that an answer to GetNameOwner would be older. */
  changed: boolean;
  readonly ready: Promise<void>;
}

/** A name whose owner is known and followed until `release`. */
export interface NameWatch {
  /** Resolves when the owner is known; rejects when the bus does not allow to follow it. */
  readonly ready: Promise<void>;
  /** Whether messages from this unique name are the current owner's. */
  isOwner(sender: string | undefined): boolean;
  /** Whether a call made to the name while it was watched may be answered by this unique name. */
  mayAnswer(sender: string | undefined): boolean;
  release(): void;
}

/**
 * Asks the bus who owns a name. `answered` is called with undefined where nobody does, and before any later message is
 * looked at: the reply to a call may stand right behind the answer.
 */
export type GetOwner = (name: string, answered: (owner: string | undefined) => void) => Promise<unknown>;

/** Who owns the bus names that are called or listened to. */
export class NameOwners {
  readonly #names = new Map<string, WatchedName>();
  readonly #rules: MatchRules;
  readonly #getOwner: GetOwner;

  constructor(rules: MatchRules, getOwner: GetOwner) {
    this.#rules = rules;
    this.#getOwner = getOwner;
  }

  /**
   * Follows the owner of a name. The bus answers in order: what this asks is answered before a call made after it, so a
   * caller need not wait for `ready`. Names that nobody uses are kept for a while, as they are often called again.
   */
  watch(name: string): NameWatch {
    if (name === DAEMON || name.startsWith(":")) return fixedOwner(name);
    const watched = this.#names.get(name) ?? this.#add(name);
    watched.uses++;
    let released = false;
    return {
      ready: watched.ready,
      isOwner: (sender) => sender !== undefined && sender === watched.owner,
      mayAnswer: (sender) => sender !== undefined && (sender === watched.owner || watched.former.has(sender)),
      release: () => {
        if (released) return;
        released = true;
        if (--watched.uses === 0) this.#idle(watched);
      },
    };
  }

  /** Takes what NameOwnerChanged says. */
  changed(name: string, owner: string): void {
    const watched = this.#names.get(name);
    if (watched === undefined) return;
    if (watched.owner !== undefined && watched.uses > 0) watched.former.add(watched.owner);
    watched.owner = owner === "" ? undefined : owner;
    watched.changed = true;
  }

  #add(name: string): WatchedName {
    const active = this.#rules.add(ownerRule(name));
    const asked = this.#getOwner(name, (owner) => {
      if (!watched.changed) watched.owner = owner;
    });
    const ready = Promise.all([active, asked]).then(() => undefined);
    const watched: WatchedName = { uses: 0, owner: undefined, former: new Set(), changed: false, ready };
    // A call goes on without the rule; a subscription waits for `ready` and fails with it.
    ready.catch(() => {
      this.#names.delete(name);
      active.then(() => this.#rules.remove(ownerRule(name))).catch(() => undefined);
    });
    this.#names.set(name, watched);
    return watched;
  }

  #idle(watched: WatchedName): void {
    watched.former.clear();
    if (this.#names.size <= MAX_IDLE) return;
    for (const [name, { uses }] of this.#names) {
      if (uses > 0) continue;
      this.#names.delete(name);
      this.#rules.remove(ownerRule(name)).catch(() => undefined);
      return;
    }
  }
}

function ownerRule(name: string): string {
  return matchRule({
    type: "signal",
    sender: DAEMON,
    path: DAEMON_PATH,
    interface: DAEMON,
    member: "NameOwnerChanged",
    arg0: name,
  });
}

/** A unique name belongs to one connection for ever, and only the bus has its own name. */
function fixedOwner(name: string): NameWatch {
  const isOwner = (sender: string | undefined): boolean => sender === name;
  return { ready: Promise.resolve(), isOwner, mayAnswer: isOwner, release: () => undefined };
}
