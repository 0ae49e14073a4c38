import type { DisconnectedError } from "../standard-errors.ts";
import type { Message } from "../wire/message.ts";
import type { DropReason } from "./counters.ts";
import { type MatchRules, matchRule } from "./match-rules.ts";
import type { NameOwners, NameWatch, OwnerListener } from "./name-owners.ts";

/** Who listens to which signal of whom. */
export interface SignalListener {
  /** Bus name: signals count only from its owner at the time. */
  readonly sender: string;
  readonly path: string;
  /** Listens to every object below the path too. */
  readonly below?: boolean;
  readonly interface: string;
  readonly member: string;
  /** Asks the bus only for signals with this first argument; others come still where somebody else asked for them. */
  readonly arg0?: string;
  /** Signature that a signal must have; others are dropped. */
  readonly signature?: string;
  /** Takes a signal. May throw MalformedMessageError for its body, and nothing else. */
  readonly onSignal: (signal: Message) => void;
  /** Takes the sender's owner, as soon as it is known and whenever it changes, in order with the signals. */
  readonly onOwner?: OwnerListener;
  /** Called once when no signal can come any more: at the end of the connection, or when a unique name ended with it. */
  readonly onEnd?: (reason: DisconnectedError) => void;
}

interface Route {
  readonly listener: SignalListener;
  readonly owner: NameWatch;
  readonly rule: string;
}

/** Brings signals to those who listen to them. */
export class SignalRouter {
  readonly #routes = new Map<string, Set<Route>>();
  readonly #rules: MatchRules;
  readonly #owners: NameOwners;
  /** How many listen below a path. */
  #below = 0;

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

  /** Delivers a signal to those who listen to its sender; gives why it is dropped where nobody takes it. */
  deliver(signal: Message): DropReason | undefined {
    const reason = this.#deliverTo(this.#routes.get(keyOf(signal.path, signal)), signal);
    if (this.#below === 0) return reason;
    const below = this.#deliverTo(this.#routes.get(keyOf(ANY_PATH, signal)), signal);
    return reason === undefined || below === "unheardSignal" ? reason : below;
  }

  /** The connection is lost and made again: what listens to a unique name ends, as nobody will have the name again. */
  lost(reason: DisconnectedError): void {
    for (const route of [...this.#routes.values()].flatMap((routes) => [...routes])) {
      if (!route.listener.sender.startsWith(":") || !this.#remove(route)) continue;
      this.#rules.remove(route.rule).catch(() => undefined);
      route.listener.onEnd?.(reason);
    }
  }

  /** Tells everybody that no signal comes any more. */
  end(reason: DisconnectedError): void {
    const ended = [...this.#routes.values()].flatMap((routes) => [...routes]);
    this.#routes.clear();
    for (const { listener } of ended) listener.onEnd?.(reason);
  }

  #deliverTo(routes: ReadonlySet<Route> | undefined, signal: Message): DropReason | undefined {
    let reason: DropReason | undefined = "unheardSignal";
    if (routes === undefined) return reason;
    for (const route of [...routes]) {
      const { listener, owner } = route;
      if (!routes.has(route) || !isAt(listener, signal.path)) continue;
      const fault = faultOf(signal, listener, owner);
      if (reason !== undefined) reason = fault;
      if (fault === undefined) listener.onSignal(signal);
    }
    return reason;
  }

  #add(route: Route): void {
    const key = routeKey(route.listener);
    if (route.listener.below) this.#below++;
    const routes = this.#routes.get(key) ?? new Set();
    routes.add(route);
    this.#routes.set(key, routes);
  }

  #remove(route: Route): boolean {
    route.owner.release();
    const key = routeKey(route.listener);
    const routes = this.#routes.get(key);
    if (!routes?.delete(route)) return false;
    if (route.listener.below) this.#below--;
    if (routes.size === 0) this.#routes.delete(key);
    return true;
  }
}

const ANY_PATH = "*";

function faultOf(signal: Message, { signature }: SignalListener, owner: NameWatch): DropReason | undefined {
  if (!owner.isOwner(signal.sender)) return "foreignSignal";
  return signature === undefined || signature === signal.signature ? undefined : "wrongSignature";
}

function routeKey(listener: SignalListener): string {
  return keyOf(listener.below ? ANY_PATH : listener.path, listener);
}

function isAt({ path, below }: SignalListener, at: string | undefined): boolean {
  return !below || at === path || path === "/" || at?.startsWith(`${path}/`) === true;
}

function ruleOf({ sender, path, below, interface: name, member, arg0 }: SignalListener): string {
  const where = below ? { path_namespace: path } : { path };
  const rule = { type: "signal", sender, ...where, interface: name, member };
  return matchRule(arg0 === undefined ? rule : { ...rule, arg0 });
}

function keyOf(path: string | undefined, signal: Pick<Message, "interface" | "member">): string {
  return `${path}\n${signal.interface}\n${signal.member}`;
}
