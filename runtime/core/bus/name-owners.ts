import { DAEMON, DAEMON_PATH } from "./daemon.ts";
import { type MatchRules, matchRule } from "./match-rules.ts";

const MAX_IDLE = 64;

/** Takes the owner of a name when it is known and each time it changes; undefined when nobody owns it any more. */
export type OwnerListener = (owner: string | undefined) => void;

interface WatchedName {
  uses: number;
  /** Whether calls were made to it: then it is kept for a while, as names are often called again. */
  called: boolean;
  readonly listeners: Set<OwnerListener>;
  /** Unique name of the current owner. */
  owner: string | undefined;
  /** Owners before, as long as a call made to them may still be answered. */
  readonly former: Set<string>;
  /** Whether NameOwnerChanged has spoken, so that an answer to GetNameOwner would be older. */
  changed: boolean;
  ready: Promise<void>;
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
  readonly #busListeners = new Set<OwnerListener>();
  readonly #rules: MatchRules;
  readonly #getOwner: GetOwner;

  constructor(rules: MatchRules, getOwner: GetOwner) {
    this.#rules = rules;
    this.#getOwner = getOwner;
  }

  /**
   * Follows the owner of a name for one call. The bus answers in order: what this asks is answered before a call made
   * after it, so a caller need not wait for `ready`.
   */
  watchForCall(name: string): NameWatch {
    if (isFixed(name)) return new FixedOwner(name);
    const watched = this.#names.get(name) ?? this.#add(name);
    watched.called = true;
    return this.#use(watched, name);
  }

  /**
   * Follows the owner of a name.
   *
   * @param onOwner - Called before any later message is looked at. Must not throw.
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

  /** Takes what NameOwnerChanged says. */
  changed(name: string, owner: string | undefined): void {
    const watched = this.#names.get(name);
    if (watched === undefined) return;
    if (watched.owner !== undefined && watched.uses > 0) watched.former.add(watched.owner);
    watched.changed = true;
    setOwner(watched, owner);
  }

  /** The connection is lost: nobody owns a name, and unique names will never be owned again. */
  lost(): void {
    for (const [name, watched] of [...this.#names]) {
      watched.former.clear();
      watched.changed = false;
      if (watched.uses === 0 || isFixed(name)) this.#drop(name);
      setOwner(watched, undefined);
    }
    for (const onOwner of [...this.#busListeners]) onOwner(undefined);
  }

  /** Asks another bus for the owner of every name; their match rules are restored apart. */
  restore(): Promise<unknown> {
    for (const onOwner of [...this.#busListeners]) onOwner(DAEMON);
    const all = [...this.#names].map(([name, watched]) => {
      watched.ready = this.#ask(name, watched);
      watched.ready.catch(() => undefined);
      return watched.ready;
    });
    return Promise.all(all);
  }

  /** The bus owns its name as long as there is a connection to it. */
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
      called: false,
      listeners: new Set(),
      owner: undefined,
      former: new Set(),
      changed: false,
      ready: Promise.resolve(),
    };
    const active = this.#rules.add(ownerRule(name));
    watched.ready = Promise.all([active, this.#ask(name, watched)]).then(() => undefined);
    // A call goes on without the rule; a subscription waits for `ready` and fails with it.
    watched.ready.catch(() => {
      if (this.#names.get(name) !== watched) return;
      this.#names.delete(name);
      active.then(() => this.#rules.remove(ownerRule(name))).catch(() => undefined);
    });
    this.#names.set(name, watched);
    return watched;
  }

  async #ask(name: string, watched: WatchedName): Promise<void> {
    await this.#getOwner(name, (owner) => {
      if (!watched.changed) setOwner(watched, owner);
    });
  }

  readonly #onIdle = (name: string, watched: WatchedName): void => {
    // Clearing makes a new table, also where there is nothing.
    if (watched.former.size > 0) watched.former.clear();
    if (this.#names.get(name) !== watched) return;
    if (!watched.called) this.#drop(name);
    if (this.#names.size <= MAX_IDLE) return;
    for (const [other, { uses }] of this.#names) {
      if (uses > 0) continue;
      this.#drop(other);
      return;
    }
  };

  #drop(name: string): void {
    this.#names.delete(name);
    this.#rules.remove(ownerRule(name)).catch(() => undefined);
  }
}

class NameUse implements NameWatch {
  readonly #watched: WatchedName;
  readonly #name: string;
  readonly #onOwner: OwnerListener | undefined;
  readonly #onIdle: (name: string, watched: WatchedName) => void;
  #released = false;

  /** @param onIdle - Called when nobody uses the name any more. */
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
  }

  get ready(): Promise<void> {
    return this.#watched.ready;
  }

  isOwner(sender: string | undefined): boolean {
    return sender !== undefined && sender === this.#watched.owner;
  }

  mayAnswer(sender: string | undefined): boolean {
    return this.isOwner(sender) || (sender !== undefined && this.#watched.former.has(sender));
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    if (this.#onOwner !== undefined) this.#watched.listeners.delete(this.#onOwner);
    if (--this.#watched.uses === 0) this.#onIdle(this.#name, this.#watched);
  }
}

function setOwner(watched: WatchedName, owner: string | undefined): void {
  if (watched.owner === owner) return;
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

/** A unique name belongs to one connection for ever, and only the bus has its own name. */
function isFixed(name: string): boolean {
  return name === DAEMON || name.startsWith(":");
}

const READY = Promise.resolve();

class FixedOwner implements NameWatch {
  readonly ready = READY;
  readonly release: () => void;
  readonly #name: string;

  constructor(name: string, release: () => void = () => undefined) {
    this.#name = name;
    this.release = release;
  }

  isOwner(sender: string | undefined): boolean {
    return sender === this.#name;
  }

  mayAnswer(sender: string | undefined): boolean {
    return sender === this.#name;
  }
}
