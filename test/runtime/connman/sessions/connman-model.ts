import type { NetworkService, SessionPolicy, Settings } from "@dbus-codegen-ts/connman";
import type { RequestedSettings } from "../../../../runtime/connman/policy/requested-settings.ts";

/** A session of the model: its state, and the values that were reported to its client. */
interface ModelSession {
  readonly path: string;
  readonly owner: string;
  settings: RequestedSettings;
  /** The connection type that applies. A policy replaces the type that the client has set. */
  type: RequestedSettings["connectionType"];
  policy: SessionPolicy | undefined;
  service: string | undefined;
  state: "disconnected" | "connected" | "online";
  told: Settings & { readonly service?: string | undefined };
  /** Settings to report even if their values have not changed. */
  readonly repeated: Set<"allowedBearers" | "allowedInterface">;
}

const ORDER = ["ethernet", "wifi", "bluetooth", "cellular", "gadget"];
const OF_SERVICE = ["name", "ipv4", "ipv6", "interface", "bearer"] as const;

/**
 * A reference implementation of the dialect connman-1.41: it handles each session and each event separately, and sends
 * each Update at the step that causes it.
 */
export class ConnmanModel {
  sessions: ModelSession[] = [];
  services: readonly NetworkService[] = [];
  #updates = new Map<string, Settings[]>();

  create(path: string, owner: string, settings: RequestedSettings): void {
    const session: ModelSession = {
      ...{ path, owner, settings, type: settings.connectionType, policy: undefined },
      ...{ service: undefined, state: "disconnected", told: {}, repeated: new Set() },
    };
    this.sessions.push(session);
    this.#takeFirst(session);
    this.#tell(session);
  }

  connect(path: string): void {
    const session = this.#find(path);
    this.#takeFirst(session);
    this.#tell(session);
  }

  disconnect(path: string): void {
    this.#lose(this.#find(path));
  }

  change(path: string, change: Partial<RequestedSettings>): void {
    const session = this.#find(path);
    const namesInterface = session.settings.namesInterface || change.namesInterface === true;
    const isRestricting = "allowedBearers" in change || "allowedInterface" in change;
    if (isRestricting) this.#lose(session);
    const bearers = bearersOf(session);
    session.settings = { ...session.settings, ...change };
    if (change.connectionType !== undefined) session.type = typeUnder(session.policy, change.connectionType);
    if ("allowedBearers" in change && bearers.concat(bearersOf(session)).length > 0)
      session.repeated.add("allowedBearers");
    if ("allowedInterface" in change && namesInterface) session.repeated.add("allowedInterface");
    if (isRestricting) this.#takeFirst(session);
    if ("sourceIPRule" in change) this.#refresh(session);
    this.#tell(session);
  }

  /** Ends a session. Returns its remaining Updates. */
  destroy(path: string): readonly Settings[] {
    const session = this.#find(path);
    this.#lose(session);
    this.sessions = this.sessions.filter((other) => other !== session);
    return this.takeUpdates().get(path) ?? [];
  }

  leave(owner: string): void {
    this.sessions = this.sessions.filter((session) => session.owner !== owner);
  }

  setPolicy(path: string, policy: SessionPolicy | undefined): void {
    const session = this.#find(path);
    if (policy === session.policy) return;
    if (session.policy !== undefined && policy !== undefined) this.setPolicy(path, undefined);
    const bearers = bearersOf(session);
    session.policy = policy;
    Object.assign(session, { service: undefined, state: "disconnected" });
    if (bearers.concat(bearersOf(session)).length > 0) session.repeated.add("allowedBearers");
    if (session.settings.namesInterface) session.repeated.add("allowedInterface");
    this.#takeFirst(session);
    this.#tell(session);
    session.type = typeUnder(policy, session.type);
    this.#tell(session);
  }

  /** Applies the change of at most one service. */
  updateServices(services: readonly NetworkService[]): void {
    const before = this.services;
    this.services = services;
    const changed = [...before, ...services].find(({ id }) => byId(before, id) !== byId(services, id));
    if (changed === undefined) return;
    const [previous, next] = [byId(before, changed.id), byId(services, changed.id)];
    const users = this.sessions.filter(({ service }) => service === changed.id);
    if (next === undefined || !isUp(next)) {
      for (const session of users) {
        this.#lose(session);
        this.#takeFirst(session);
        this.#tell(session);
      }
      return;
    }
    if (previous?.state !== next.state) this.#stateChanged(next);
    for (const name of ["ipv4", "ipv6"] as const) {
      if (previous?.[name] === next[name]) continue;
      for (const session of users.filter(({ service }) => service === next.id)) {
        this.#refresh(session);
        this.#tell(session);
        this.#send(session, [name]);
      }
    }
  }

  /** Returns the Updates since the last call, by path. */
  takeUpdates(): Map<string, readonly Settings[]> {
    const updates = this.#updates;
    this.#updates = new Map();
    return updates;
  }

  #stateChanged(service: NetworkService): void {
    for (const session of this.sessions) {
      const isEnough = suffices(session, service);
      if (session.service === service.id && !isEnough) this.#lose(session);
      if (session.service === service.id || !isEnough || !this.#isBetter(session, service)) continue;
      session.service = service.id;
      this.#refresh(session);
      this.#tell(session);
    }
  }

  /**
   * Assigns to a session the first service, in the order of the network, that the session prefers to its present
   * service.
   */
  #takeFirst(session: ModelSession): void {
    const first = this.services.find((service) => suffices(session, service) && this.#isBetter(session, service));
    if (first === undefined) return;
    session.service = first.id;
    this.#refresh(session);
  }

  #isBetter(session: ModelSession, { bearer, interface: name }: NetworkService): boolean {
    const bearers = bearersOf(session);
    const allowed = session.settings.allowedInterface;
    if (!bearers.includes(bearer) || (allowed !== "*" && allowed !== name)) return false;
    const present = byId(this.services, session.service ?? "");
    return present === undefined || bearers.indexOf(bearer) < bearers.indexOf(present.bearer);
  }

  #lose(session: ModelSession): void {
    Object.assign(session, { service: undefined, state: "disconnected" });
    this.#tell(session);
  }

  #refresh(session: ModelSession): void {
    const service = byId(this.services, session.service ?? "");
    session.state = service === undefined ? "disconnected" : service.state === "online" ? "online" : "connected";
  }

  /** Queues an Update with the changed values of a session. */
  #tell(session: ModelSession): void {
    const now = this.#settingsOf(session);
    const isOtherService = !("service" in session.told) || session.told.service !== session.service;
    const names = Object.keys(now).filter((name) => {
      if (isOneOf(OF_SERVICE, name)) return isOtherService;
      if (isOneOf(["allowedBearers", "allowedInterface"] as const, name) && session.repeated.has(name)) return true;
      return JSON.stringify(Reflect.get(now, name)) !== JSON.stringify(Reflect.get(session.told, name));
    });
    session.repeated.clear();
    if (names.length > 0) this.#send(session, names);
  }

  #send(session: ModelSession, names: readonly string[]): void {
    const now = this.#settingsOf(session);
    const settings = Object.fromEntries(Object.entries(now).filter(([name]) => names.includes(name)));
    session.told = { ...session.told, ...settings, service: session.service };
    this.#updates.set(session.path, [...(this.#updates.get(session.path) ?? []), settings]);
  }

  #settingsOf(session: ModelSession): Settings {
    const service = byId(this.services, session.service ?? "");
    const { allowedInterface, sourceIPRule, contextIdentifier } = session.settings;
    return {
      state: session.state,
      name: service?.name ?? "",
      ipv4: service?.ipv4 ?? {},
      ipv6: service?.ipv6 ?? {},
      interface: service?.interface ?? "",
      bearer: service?.bearer ?? "",
      connectionType: session.type,
      allowedBearers: bearersOf(session),
      ...{ allowedInterface, contextIdentifier, sourceIPRule },
    };
  }

  #find(path: string): ModelSession {
    const session = this.sessions.find((candidate) => candidate.path === path);
    if (session === undefined) throw new Error(`there is no session ${path}`);
    return session;
  }
}

function isOneOf<T extends string>(names: readonly T[], name: string): name is T {
  return names.some((other) => other === name);
}

function byId(services: readonly NetworkService[], id: string): NetworkService | undefined {
  return services.find((service) => service.id === id);
}

function isUp({ state }: NetworkService): boolean {
  return state === "ready" || state === "online";
}

function suffices({ type }: ModelSession, service: NetworkService): boolean {
  return type === "internet" ? service.state === "online" : isUp(service);
}

function typeUnder(policy: SessionPolicy | undefined, type: ModelSession["type"]): ModelSession["type"] {
  return type === "" || policy === undefined || policy.connectionType === "any" ? type : policy.connectionType;
}

/** Returns the bearers that both policy and client allow, in the order of the policy. */
function bearersOf({ settings, policy }: ModelSession): string[] {
  const allowed = settings.allowedBearers.flatMap((name) => (name === "*" ? ORDER : [name]));
  const listed = policy?.allowedBearers ?? ["*"];
  const unlisted = ORDER.filter((bearer) => !listed.some((name) => name === bearer));
  return listed.flatMap((name) => (name === "*" ? unlisted : [name])).filter((bearer) => allowed.includes(bearer));
}
