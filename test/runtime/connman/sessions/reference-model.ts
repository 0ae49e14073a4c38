import type { NetworkService, SessionPolicy, Settings } from "@dbus-codegen-ts/connman";
import type { RequestedSettings } from "../../../../runtime/connman/policy/requested-settings.ts";

/** A session of the model. */
interface ModelSession {
  readonly path: string;
  readonly owner: string;
  settings: RequestedSettings;
  policy: SessionPolicy | undefined;
  isActive: boolean;
  awaitingService: boolean;
  service: string | undefined;
  reported: Settings;
}

const ANY = ["ethernet", "wifi", "bluetooth", "cellular", "gadget"];

/**
 * A reference implementation of the dialect session-2017 that is simple instead of fast: after each event, it computes
 * each session separately, and compares the settings with those reported last.
 */
export class ReferenceModel {
  sessions: ModelSession[] = [];
  services: readonly NetworkService[] = [];

  create(path: string, owner: string, settings: RequestedSettings): void {
    this.sessions.push({
      path,
      owner,
      settings,
      policy: undefined,
      isActive: false,
      awaitingService: false,
      service: undefined,
      reported: {},
    });
  }

  connect(path: string): void {
    const session = this.find(path);
    session.isActive = true;
    session.awaitingService = false;
  }

  disconnect(path: string): void {
    Object.assign(this.find(path), { isActive: false, awaitingService: true, service: undefined });
  }

  change(path: string, change: Partial<RequestedSettings>): void {
    const session = this.find(path);
    session.settings = { ...session.settings, ...change };
    if ("allowedBearers" in change || "allowedInterface" in change) {
      Object.assign(session, { isActive: false, awaitingService: false, service: undefined });
    }
  }

  /** Ends a session. Returns its last Update, if there are changes. */
  destroy(path: string): readonly Settings[] {
    const session = this.find(path);
    session.service = undefined;
    const update = this.#update(session);
    this.sessions = this.sessions.filter((candidate) => candidate !== session);
    return Object.keys(update).length === 0 ? [] : [update];
  }

  leave(owner: string): void {
    this.sessions = this.sessions.filter((session) => session.owner !== owner);
  }

  setPolicy(path: string, policy: SessionPolicy | undefined): void {
    this.find(path).policy = policy;
  }

  updateServices(services: readonly NetworkService[]): void {
    const before = this.services;
    this.services = services;
    const risen = services.filter(
      (service) => isUp(service) && before.find(({ id }) => id === service.id)?.state !== service.state,
    );
    for (const session of this.sessions) {
      if (this.#isBlocked(session)) continue;
      if (risen.some((service) => fits(session, service))) session.awaitingService = false;
    }
  }

  /** Assigns a service to each session. Returns the Updates by path, in the order in which they are sent. */
  takeUpdates(): Map<string, readonly Settings[]> {
    const rank = ({ policy, isActive }: ModelSession): number =>
      2 * Number(policy?.priority ?? false) + Number(isActive);
    const updates = new Map<string, readonly Settings[]>();
    for (const session of [...this.sessions].sort((left, right) => rank(right) - rank(left))) {
      const hasNone = session.awaitingService || this.#isBlocked(session);
      session.service = hasNone ? undefined : this.#best(session)?.id;
      const update = this.#update(session);
      if (Object.keys(update).length > 0) updates.set(session.path, [update]);
    }
    return updates;
  }

  /** Returns whether the emergency call of another application prevents a session from having a service. */
  #isBlocked({ policy }: ModelSession): boolean {
    const isCalling = (session: ModelSession): boolean => session.isActive && session.policy?.emergencyCall === true;
    return policy?.emergencyCall !== true && this.sessions.some(isCalling);
  }

  find(path: string): ModelSession {
    const session = this.sessions.find((candidate) => candidate.path === path);
    if (session === undefined) throw new Error(`there is no session ${path}`);
    return session;
  }

  #best(session: ModelSession): NetworkService | undefined {
    for (const bearer of bearersOf(session)) {
      const usable = this.services.filter((service) => service.bearer === bearer && fits(session, service));
      const best = usable.find(({ id }) => id === session.service) ?? usable[0];
      if (best !== undefined) return best;
    }
    return undefined;
  }

  /** Returns the changed settings of a session, and marks them as reported. */
  #update(session: ModelSession): Settings {
    const now = this.#settingsOf(session);
    const before: Settings = session.reported;
    session.reported = now;
    return Object.fromEntries(
      Object.entries(now).filter(
        ([name, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(before, name)),
      ),
    );
  }

  #settingsOf(session: ModelSession): Settings {
    const service = this.services.find(({ id }) => id === session.service);
    const type = typeOf(session);
    const online = service?.state === "online" && type !== "local";
    return {
      state: service === undefined ? "disconnected" : online ? "online" : "connected",
      name: service?.name ?? "",
      ipv4: service?.ipv4 ?? {},
      ipv6: service?.ipv6 ?? {},
      interface: service?.interface ?? "",
      bearer: service?.bearer ?? "",
      connectionType: type,
      allowedBearers: bearersOf(session),
      allowedInterface: session.settings.allowedInterface,
      contextIdentifier: session.settings.contextIdentifier,
      sourceIPRule: session.settings.sourceIPRule,
    };
  }
}

function isUp({ state }: NetworkService): boolean {
  return state === "ready" || state === "online";
}

function typeOf({ settings, policy }: ModelSession): RequestedSettings["connectionType"] {
  return policy === undefined || policy.connectionType === "any" ? settings.connectionType : policy.connectionType;
}

function bearersOf({ settings, policy }: ModelSession): string[] {
  const requested = expandAny(settings.allowedBearers);
  if (policy?.allowedBearers === undefined) return requested;
  return expandAny(policy.allowedBearers).filter((bearer) => requested.includes(bearer));
}

/** Replaces `*` by the bearers that the list does not name. */
function expandAny(names: readonly string[]): string[] {
  const list: string[] = [];
  for (const name of names) {
    if (name !== "*") list.push(name);
    else for (const bearer of ANY) if (!names.includes(bearer)) list.push(bearer);
  }
  return list;
}

/** Returns whether a session can use a service now. */
function fits(session: ModelSession, service: NetworkService): boolean {
  const { allowedInterface: name } = session.settings;
  const isOnInterface = name === "*" || name === service.interface;
  const isSufficient = typeOf(session) === "internet" ? service.state === "online" : isUp(service);
  return isOnInterface && isSufficient && bearersOf(session).includes(service.bearer);
}
