import { DAEMON, DAEMON_PATH } from "./bus-members.ts";
import { type MatchRules, matchRule } from "./match-rules.ts";

/** Maximum number of names that are watched without being used by a call or listener. */
const MAX_IDLE_NAMES = 64;
/**
 * Maximum number of former owners of one name that are remembered for pending calls. The owner that lost the name first
 * is forgotten first.
 */
const MAX_FORMER_OWNERS = 256;

/**
 * Called with the owner of a name when the owner is known, and after each change. Called with undefined if the name has
 * no owner.
 */
export type OwnerListener = (owner: string | undefined) => void;

interface WatchedName {
  uses: number;
  /** Whether the name was called. Such a name is watched for longer, because names are often called repeatedly. */
  wasCalled: boolean;
  readonly listeners: Set<OwnerListener>;
  /** Unique name of the current owner; undefined if the name has no owner, or the owner is not known yet. */
  owner: string | undefined;
  /** Number of changes of the owner that this connection has observed. */
  changes: number;
  /**
   * Former owners, each with the number of the change at which this owner last lost the name. The oldest change is
   * first.
   */
  readonly formerOwners: Map<string, number>;
  /** Whether NameOwnerChanged was received. Its value is newer than that of any reply to GetNameOwner. */
  hasChanged: boolean;
  ready: Promise<void>;
}

/** A watch on the owner of a name. The watch ends with `release`. */
export interface NameWatch {
  /** Resolves when the owner is known; rejects if the bus refuses the watch. */
  readonly ready: Promise<void>;
  /** Returns whether this unique name is the current owner. */
  isOwner(sender: string | undefined): boolean;
  /**
   * Returns whether this unique name may reply to a call that was sent when the watch began: whether the connection has
   * owned the name then or later. A later owner may have received the call, because the bus may have changed the owner,
   * or started the service, before the call arrived.
   */
  mayReply(sender: string | undefined): boolean;
  release(): void;
}

/**
 * Requests the owner of a name from the bus. `onReply` is called with undefined if the name has no owner. `onReply` is
 * called before any later message is processed, because the reply to a call may follow directly.
 */
export type GetOwner = (name: string, onReply: (owner: string | undefined) => void) => Promise<unknown>;

/** The owners of bus names that are called or listened to. */
export class NameOwners {
  readonly #names = new Map<string, WatchedName>();
  readonly #busListeners = new Set<OwnerListener>();
  readonly #rules: MatchRules;
  readonly #getOwner: GetOwner;

  constructor(rules: MatchRules, getOwner: GetOwner) {
    this.#rules = rules;
    this.#getOwner = getOwner;
  }

  /**
   * Watches the owner of a name for one call. The bus replies in order: the owner is known before the reply to a call
   * that is sent afterwards, so the caller need not wait for `ready`.
   */
  watchForCall(name: string): NameWatch {
    if (isFixed(name)) return new FixedOwner(name);
    const watched = this.#names.get(name) ?? this.#add(name);
    watched.wasCalled = true;
    return this.#use(watched, name);
  }

  /**
   * Watches the owner of a name.
   *
   * @param onOwner - Called before any later message is processed. Must not throw.
   */
  watch(name: string, onOwner?: OwnerListener): NameWatch {
    if (isFixed(name) && onOwner === undefined) return new FixedOwner(name);
    if (name === DAEMON) return this.#watchBus(onOwner);
    const watched = this.#names.get(name) ?? this.#add(name);
    if (onOwner !== undefined) {
      watched.listeners.add(onOwner);
      if (watched.owner !== undefined) onOwner(watched.owner);
    }
    return this.#use(watched, name, onOwner);
  }

  /** Applies the signal NameOwnerChanged of the bus. */
  onOwnerChanged(name: string, owner: string | undefined): void {
    const watched = this.#names.get(name);
    if (watched === undefined) return;
    watched.hasChanged = true;
    setOwner(watched, owner);
  }

  /** Called when the connection is lost: no name has an owner, and unique names never have an owner after that. */
  onDisconnected(): void {
    for (const [name, watched] of [...this.#names]) {
      watched.hasChanged = false;
      if (watched.uses === 0 || isFixed(name)) this.#drop(name);
      setOwner(watched, undefined);
      watched.formerOwners.clear();
    }
    for (const onOwner of [...this.#busListeners]) onOwner(undefined);
  }

  /**
   * Requests the owner of every watched name on a new connection. The match rules of the names are restored separately.
   */
  restore(): Promise<unknown> {
    for (const onOwner of [...this.#busListeners]) onOwner(DAEMON);
    const requests = [...this.#names].map(([name, watched]) => {
      watched.ready = this.#requestOwner(name, watched);
      watched.ready.catch(() => undefined);
      return watched.ready;
    });
    return Promise.all(requests);
  }

  /** Watches the name of the bus, which the bus owns as long as the connection is up. */
  #watchBus(onOwner: OwnerListener | undefined): NameWatch {
    if (onOwner === undefined) return new FixedOwner(DAEMON);
    this.#busListeners.add(onOwner);
    onOwner(DAEMON);
    return new FixedOwner(DAEMON, () => this.#busListeners.delete(onOwner));
  }

  #use(watched: WatchedName, name: string, onOwner?: OwnerListener): NameWatch {
    watched.uses++;
    return new NameUse(watched, name, onOwner, this.#onIdle);
  }

  #add(name: string): WatchedName {
    const watched: WatchedName = {
      uses: 0,
      wasCalled: false,
      listeners: new Set(),
      owner: undefined,
      changes: 0,
      formerOwners: new Map(),
      hasChanged: false,
      ready: Promise.resolve(),
    };
    const active = this.#rules.add(ownerRule(name));
    watched.ready = Promise.all([active, this.#requestOwner(name, watched)]).then(() => undefined);
    // A call continues without the rule; a subscription waits for `ready` and fails with it.
    watched.ready.catch(() => {
      if (this.#names.get(name) !== watched) return;
      this.#names.delete(name);
      active.then(() => this.#rules.remove(ownerRule(name))).catch(() => undefined);
    });
    this.#names.set(name, watched);
    return watched;
  }

  async #requestOwner(name: string, watched: WatchedName): Promise<void> {
    await this.#getOwner(name, (owner) => {
      if (!watched.hasChanged) setOwner(watched, owner);
    });
  }

  readonly #onIdle = (name: string, watched: WatchedName): void => {
    // Clearing an empty map would allocate.
    if (watched.formerOwners.size > 0) watched.formerOwners.clear();
    if (this.#names.get(name) !== watched) return;
    if (!watched.wasCalled) this.#drop(name);
    if (this.#names.size <= MAX_IDLE_NAMES) return;
    for (const [idleName, { uses }] of this.#names) {
      if (uses > 0) continue;
      this.#drop(idleName);
      return;
    }
  };

  #drop(name: string): void {
    this.#names.delete(name);
    this.#rules.remove(ownerRule(name)).catch(() => undefined);
  }
}

/** One use of a watched name, by a call or a listener. */
class NameUse implements NameWatch {
  readonly #watched: WatchedName;
  readonly #name: string;
  readonly #onOwner: OwnerListener | undefined;
  readonly #onIdle: (name: string, watched: WatchedName) => void;
  /** Number of changes of the owner before this use. */
  readonly #changesBefore: number;
  #isReleased = false;

  /** @param onIdle - Called after the last use of the name. */
  constructor(
    watched: WatchedName,
    name: string,
    onOwner: OwnerListener | undefined,
    onIdle: (name: string, watched: WatchedName) => void,
  ) {
    this.#watched = watched;
    this.#name = name;
    this.#onOwner = onOwner;
    this.#onIdle = onIdle;
    this.#changesBefore = watched.changes;
  }

  get ready(): Promise<void> {
    return this.#watched.ready;
  }

  isOwner(sender: string | undefined): boolean {
    return sender !== undefined && sender === this.#watched.owner;
  }

  mayReply(sender: string | undefined): boolean {
    if (this.isOwner(sender)) return true;
    const lostAt = sender === undefined ? undefined : this.#watched.formerOwners.get(sender);
    return lostAt !== undefined && lostAt > this.#changesBefore;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#onOwner !== undefined) this.#watched.listeners.delete(this.#onOwner);
    if (--this.#watched.uses === 0) this.#onIdle(this.#name, this.#watched);
  }
}

function setOwner(watched: WatchedName, owner: string | undefined): void {
  const { owner: previous, formerOwners } = watched;
  if (previous === owner) return;
  watched.changes++;
  if (previous !== undefined && watched.uses > 0) {
    formerOwners.delete(previous);
    formerOwners.set(previous, watched.changes);
    for (const first of formerOwners.keys()) {
      if (formerOwners.size <= MAX_FORMER_OWNERS) break;
      formerOwners.delete(first);
    }
  }
  watched.owner = owner;
  for (const onOwner of [...watched.listeners]) onOwner(owner);
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

/** Returns whether the owner of a name never changes: a unique name, or the name of the bus. */
function isFixed(name: string): boolean {
  return name === DAEMON || name.startsWith(":");
}

const RESOLVED = Promise.resolve();

/** A watch on a name whose owner never changes. */
class FixedOwner implements NameWatch {
  readonly ready = RESOLVED;
  readonly release: () => void;
  readonly #name: string;

  constructor(name: string, release: () => void = () => undefined) {
    this.#name = name;
    this.release = release;
  }

  isOwner(sender: string | undefined): boolean {
    return sender === this.#name;
  }

  mayReply(sender: string | undefined): boolean {
    return sender === this.#name;
  }
}
