import type { DisconnectedError } from "../standard-errors.ts";
import type { Message } from "../wire/message.ts";
import { type MatchRules, matchRule } from "./matches.ts";
import type { NameOwners, NameWatch } from "./owners.ts";

/** Who listens to which signal of whom. */
export interface SignalListener {
  /** Bus name: signals count only from its owner at the time. */
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** Takes a signal. May throw MalformedMessageError for its body, and nothing else. */
  readonly onSignal: (signal: Message) => void;
  /** Called once when the connection ends. */
  readonly onEnd?: (reason: DisconnectedError) => void;
}

interface Route {
  readonly listener: SignalListener;
  readonly owner: NameWatch;
}

/** Brings signals to those who listen to them. */
export class SignalRouter {
  readonly #routes = new Map<string, Set<Route>>();
  readonly #rules: MatchRules;
  readonly #owners: NameOwners;

  constructor(rules: MatchRules, owners: NameOwners) {
    this.#rules = rules;
    this.#owners = owners;
  }

  /** How many listen. */
  get size(): number {
    let count = 0;
    for (const routes of this.#routes.values()) count += routes.size;
    return count;
  }

  /** Listens; resolves when the match rule is active and the owner known, with what ends listening. */
  async listen(listener: SignalListener): Promise<() => Promise<void>> {
    const route: Route = { listener, owner: this.#owners.watch(listener.sender) };
    const { sender, path, interface: name, member } = listener;
    const rule = matchRule({ type: "signal", sender, path, interface: name, member });
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

  /** Delivers a signal to those who listen to its sender. */
  deliver(signal: Message): void {
    const routes = this.#routes.get(keyOf(signal));
    if (routes === undefined) return;
    for (const { listener, owner } of [...routes]) {
      if (owner.isOwner(signal.sender)) listener.onSignal(signal);
    }
  }

  /** Tells everybody that no signal comes any more. */
  end(reason: DisconnectedError): void {
    const ended = [...this.#routes.values()].flatMap((routes) => [...routes]);
    this.#routes.clear();
    for (const { listener } of ended) listener.onEnd?.(reason);
  }

  #add(route: Route): void {
    const key = keyOf(route.listener);
    const routes = this.#routes.get(key) ?? new Set();
    routes.add(route);
    this.#routes.set(key, routes);
  }

  #remove(route: Route): boolean {
    route.owner.release();
    const key = keyOf(route.listener);
    const routes = this.#routes.get(key);
    if (!routes?.delete(route)) return false;
    if (routes.size === 0) this.#routes.delete(key);
    return true;
  }
}

function keyOf(signal: { readonly path?: string; readonly interface?: string; readonly member?: string }): string {
  return `${signal.path}\n${signal.interface}\n${signal.member}`;
}
