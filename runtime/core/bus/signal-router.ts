import type { ErrorHook } from "../hooks.ts";
import type { DisconnectedError } from "../standard-errors.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import { MalformedMessageError, MissingDescriptorError } from "../wire/errors.ts";
import type { Message } from "../wire/message.ts";
import type { DropReason } from "./counters.ts";
import { type MatchRules, matchRule } from "./match-rules.ts";
import type { NameOwners, NameWatch, OwnerListener } from "./name-owners.ts";

/** A listener to a signal of one object, or of an object and all objects below it. */
export interface SignalListener {
  /** Bus name. Only signals of its current owner are delivered. */
  readonly sender: string;
  readonly path: string;
  /** Whether to listen to all objects below the path, too. */
  readonly below?: boolean;
  readonly interface: string;
  readonly member: string;
  /**
   * First argument of the signal that the match rule requires. The listener still receives signals with other arguments
   * if another match rule selects them.
   */
  readonly arg0?: string;
  /**
   * Third argument of the signal that the match rule requires. Like `arg0`, it does not affect signals that another
   * match rule selects.
   */
  readonly arg2?: string;
  /** Signature that a signal must have; otherwise it cannot be read. */
  readonly signature?: string;
  /** Codec with which `onSignal` reads the body. A large signal is decoded with this codec in steps. */
  readonly codec?: ArgumentsCodec;
  /** Receives a signal. May throw if the body is malformed. */
  readonly onSignal: (signal: Message) => void;
  /**
   * Called in place of `onSignal`, or after it threw, if a signal is above a quota, malformed, or lacks a file descriptor,
   * so that it cannot be read.
   */
  readonly onUnreadable?: () => void;
  /** Called for a signal with another signature. Must not throw. */
  readonly onMistyped?: () => void;
  /**
   * Called with the owner of `sender` when the owner is known, and after each change. The order of these calls and the
   * signals is that of the bus.
   */
  readonly onOwner?: OwnerListener;
  /**
   * Called once when no further signal can arrive, because the connection has ended, or because `sender` is a unique
   * name that no longer exists.
   */
  readonly onEnd?: (reason: DisconnectedError) => void;
}

/** The listeners to which a signal was addressed when it arrived. */
export type SignalListeners = ReadonlySet<SignalListener>;

/** How a signal is delivered. */
export interface Delivery {
  /** Reason why the body of the signal cannot be read; absent if it can be read. */
  readonly unreadable?: DropReason;
  /** The listeners to which a signal was addressed when it arrived; absent if the signal has not waited. */
  readonly listeners?: SignalListeners | undefined;
}

interface Route {
  readonly listener: SignalListener;
  readonly owner: NameWatch;
  readonly rule: string;
}

/** Delivers signals to their listeners. */
export class SignalRouter {
  readonly #routes = new Map<string, Set<Route>>();
  readonly #rules: MatchRules;
  readonly #owners: NameOwners;
  readonly #onError: ErrorHook;
  /** Number of listeners with `below`. */
  #belowCount = 0;

  /** @param onError - Called with errors of listeners. Must not throw. */
  constructor(rules: MatchRules, owners: NameOwners, onError: ErrorHook) {
    this.#rules = rules;
    this.#owners = owners;
    this.#onError = onError;
  }

  /** Number of listeners. */
  get size(): number {
    let count = 0;
    for (const routes of this.#routes.values()) count += routes.size;
    return count;
  }

  /**
   * Adds a listener. When the match rule is active and the owner is known, resolves with a function that removes the
   * listener.
   */
  async listen(listener: SignalListener): Promise<() => Promise<void>> {
    const rule = ruleOf(listener);
    const route: Route = { listener, rule, owner: this.#owners.watch(listener.sender, listener.onOwner) };
    this.#add(route);
    const added = this.#rules.add(rule);
    try {
      await Promise.all([added, route.owner.ready]);
    } catch (error) {
      this.#remove(route);
      added.then(() => this.#rules.remove(rule)).catch(() => undefined);
      throw error;
    }
    return async () => {
      if (!this.#remove(route)) return;
      await this.#rules.remove(rule).catch(() => undefined);
    };
  }

  /**
   * Delivers a signal to its listeners. Returns why the signal is dropped, or undefined if a listener has received it.
   */
  deliver(signal: Message, delivery: Delivery): DropReason | undefined {
    const reason = this.#deliverTo(this.#routes.get(keyOf(signal.path, signal)), signal, delivery);
    if (this.#belowCount === 0) return reason;
    const below = this.#deliverTo(this.#routes.get(keyOf(ANY_PATH, signal)), signal, delivery);
    return reason === undefined || below === "unheardSignal" ? reason : below;
  }

  /** Returns the listeners to which a signal is addressed now. */
  listenersOf(signal: Message): SignalListeners {
    const routes = this.#routesOf(signal).filter(({ owner }) => owner.isOwner(signal.sender));
    return new Set(routes.map(({ listener }) => listener));
  }

  /** Returns the known codecs of the listeners that will read a signal; undefined if no listener will. */
  codecsOf(signal: Message, listeners: SignalListeners): readonly ArgumentsCodec[] | undefined {
    const readers = this.#routesOf(signal).filter((route) => dropReasonOf(signal, route, listeners) === undefined);
    return readers.length === 0 ? undefined : readers.flatMap(({ listener }) => listener.codec ?? []);
  }

  /** Returns the registered listeners for the path and member of a signal. */
  #routesOf(signal: Message): readonly Route[] {
    const keys = [keyOf(signal.path, signal), keyOf(ANY_PATH, signal)];
    const routes = keys.flatMap((key) => [...(this.#routes.get(key) ?? [])]);
    return routes.filter(({ listener }) => matchesPath(listener, signal.path));
  }

  /**
   * Ends the listeners to unique names, which never have an owner after a reconnect. Called when the connection is lost
   * and will reconnect.
   */
  onDisconnected(reason: DisconnectedError): void {
    for (const route of [...this.#routes.values()].flatMap((routes) => [...routes])) {
      if (!route.listener.sender.startsWith(":") || !this.#remove(route)) continue;
      this.#rules.remove(route.rule).catch(() => undefined);
      route.listener.onEnd?.(reason);
    }
  }

  /** Ends all listeners, because no further signal can arrive. */
  end(reason: DisconnectedError): void {
    const ended = [...this.#routes.values()].flatMap((routes) => [...routes]);
    this.#routes.clear();
    for (const { listener } of ended) listener.onEnd?.(reason);
  }

  #deliverTo(
    routes: ReadonlySet<Route> | undefined,
    signal: Message,
    { unreadable, listeners }: Delivery,
  ): DropReason | undefined {
    let reason: DropReason | undefined = "unheardSignal";
    if (routes === undefined) return reason;
    for (const route of [...routes]) {
      const { listener } = route;
      if (!routes.has(route) || !matchesPath(listener, signal.path)) continue;
      const dropReason = dropReasonOf(signal, route, listeners) ?? this.#call(listener, signal, unreadable);
      if (dropReason === "wrongSignature") listener.onMistyped?.();
      if (reason !== undefined) reason = dropReason;
    }
    return reason;
  }

  /**
   * Calls a listener. If the listener throws an error, the error is reported, and other listeners are not affected.
   * Returns why the listener could not read the signal, or undefined if it could.
   */
  #call(listener: SignalListener, signal: Message, unreadable: DropReason | undefined): DropReason | undefined {
    const { onSignal, onUnreadable, sender, path, interface: interfaceName, member } = listener;
    try {
      if (unreadable === undefined) onSignal(signal);
      else onUnreadable?.();
      return unreadable;
    } catch (error) {
      if (error instanceof MalformedMessageError) return this.#call(listener, signal, "malformedBody");
      if (error instanceof MissingDescriptorError) onUnreadable?.();
      else this.#onError(error, { kind: "listener", sender, path, interface: interfaceName, member });
      return unreadable;
    }
  }

  #add(route: Route): void {
    const key = routeKey(route.listener);
    if (route.listener.below) this.#belowCount++;
    const routes = this.#routes.get(key) ?? new Set();
    routes.add(route);
    this.#routes.set(key, routes);
  }

  #remove(route: Route): boolean {
    route.owner.release();
    const key = routeKey(route.listener);
    const routes = this.#routes.get(key);
    if (!routes?.delete(route)) return false;
    if (route.listener.below) this.#belowCount--;
    if (routes.size === 0) this.#routes.delete(key);
    return true;
  }
}

const ANY_PATH = "*";

/**
 * @param listeners - The listeners to which the signal was addressed when it arrived; undefined if it has not waited.
 */
function dropReasonOf(
  signal: Message,
  { listener, owner }: Route,
  listeners: SignalListeners | undefined,
): DropReason | undefined {
  const { signature, onOwner } = listener;
  // A listener that knows the next owner must not receive signals of the previous one.
  const isCurrent = (listeners !== undefined && onOwner === undefined) || owner.isOwner(signal.sender);
  if (!isCurrent || listeners?.has(listener) === false) return "foreignSignal";
  return signature === undefined || signature === signal.signature ? undefined : "wrongSignature";
}

function routeKey(listener: SignalListener): string {
  return keyOf(listener.below ? ANY_PATH : listener.path, listener);
}

function matchesPath({ path, below }: SignalListener, signalPath: string | undefined): boolean {
  return !below || signalPath === path || path === "/" || signalPath?.startsWith(`${path}/`) === true;
}

function ruleOf({ sender, path, below, interface: name, member, arg0, arg2 }: SignalListener): string {
  const pathKey = below ? { path_namespace: path } : { path };
  const rule = { type: "signal", sender, ...pathKey, interface: name, member };
  const args = { ...(arg0 !== undefined && { arg0 }), ...(arg2 !== undefined && { arg2 }) };
  return matchRule({ ...rule, ...args });
}

function keyOf(path: string | undefined, signal: Pick<Message, "interface" | "member">): string {
  return `${path}\n${signal.interface}\n${signal.member}`;
}
