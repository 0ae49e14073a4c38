import type { NetworkService, SessionPolicy, Settings } from "@dbus-codegen-ts/connman";
import type { RequestedSettings } from "../../../../runtime/connman/policy/requested-settings.ts";

/** A session as the reference keeps it. */
interface ModelSession {
  readonly path: string;
  readonly owner: string;
  request: RequestedSettings;
  policy: SessionPolicy | undefined;
  active: boolean;
  parked: boolean;
  service: string | undefined;
  told: Settings;
}

const ANY = ["ethernet", "wifi", "bluetooth", "cellular", "gadget"];

/**
 * What sessions of the dialect session-2013 do, written to be obviously right and not to be fast: after each event every
 * session is looked at by itself, and what its client was told last is compared with what is true now.
 */
export class ReferenceModel {
  sessions: ModelSession[] = [];
  services: readonly NetworkService[] = [];

  create(path: string, owner: string, request: RequestedSettings): void {
    this.sessions.push({
      path,
      owner,
      request,
      policy: undefined,
      active: false,
      parked: false,
      service: undefined,
      told: {},
    });
  }

  connect(path: string): void {
    const session = this.find(path);
    session.active = true;
    session.parked = false;
  }

  disconnect(path: string): void {
    Object.assign(this.find(path), { active: false, parked: true, service: undefined });
  }

  change(path: string, change: Partial<RequestedSettings>): void {
    const session = this.find(path);
    session.request = { ...session.request, ...change };
    if ("allowedBearers" in change || "allowedInterface" in change) {
      Object.assign(session, { active: false, parked: false, service: undefined });
    }
  }

  /** What the client hears when it ends its session. */
  destroy(path: string): Settings {
    const session = this.find(path);
    session.service = undefined;
    const heard = this.#news(session);
    this.sessions = this.sessions.filter((one) => one !== session);
    return heard;
  }

  leave(owner: string): void {
    this.sessions = this.sessions.filter((one) => one.owner !== owner);
  }

  decide(path: string, policy: SessionPolicy | undefined): void {
    this.find(path).policy = policy;
  }

  network(services: readonly NetworkService[]): void {
    const before = this.services;
    this.services = services;
    const risen = services.filter(
      (service) => isUp(service) && before.find(({ id }) => id === service.id)?.state !== service.state,
    );
    for (const session of this.sessions) {
      if (risen.some((service) => fits(session, service))) session.parked = false;
    }
  }

  /** Assigns every session, and gives what each client hears. */
  settle(): Map<string, Settings> {
    const heard = new Map<string, Settings>();
    for (const session of this.sessions) {
      session.service = session.parked ? undefined : this.#best(session)?.id;
      const news = this.#news(session);
      if (Object.keys(news).length > 0) heard.set(session.path, news);
    }
    return heard;
  }

  find(path: string): ModelSession {
    const found = this.sessions.find((one) => one.path === path);
    if (found === undefined) throw new Error(`there is no session ${path}`);
    return found;
  }

  #best(session: ModelSession): NetworkService | undefined {
    for (const bearer of bearersOf(session)) {
      const usable = this.services.filter((service) => service.bearer === bearer && fits(session, service));
      const best = usable.find(({ id }) => id === session.service) ?? usable[0];
      if (best !== undefined) return best;
    }
    return undefined;
  }

  #news(session: ModelSession): Settings {
    const now = this.#truth(session);
    const before: Settings = session.told;
    session.told = now;
    return Object.fromEntries(
      Object.entries(now).filter(
        ([name, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(before, name)),
      ),
    );
  }

  #truth(session: ModelSession): Settings {
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
      allowedInterface: session.request.allowedInterface,
      contextIdentifier: session.request.contextIdentifier,
      sourceIPRule: session.request.sourceIPRule,
    };
  }
}

function isUp({ state }: NetworkService): boolean {
  return state === "ready" || state === "online";
}

function typeOf({ request, policy }: ModelSession): RequestedSettings["connectionType"] {
  return policy === undefined || policy.connectionType === "any" ? request.connectionType : policy.connectionType;
}

function bearersOf({ request, policy }: ModelSession): string[] {
  const asked = star(request.allowedBearers);
  if (policy?.allowedBearers === undefined) return asked;
  return star(policy.allowedBearers).filter((bearer) => asked.includes(bearer));
}

/** Puts in place of `*` what is not named beside it. */
function star(names: readonly string[]): string[] {
  const list: string[] = [];
  for (const name of names) {
    if (name !== "*") list.push(name);
    else for (const bearer of ANY) if (!names.includes(bearer)) list.push(bearer);
  }
  return list;
}

/** Whether a session can use a service now. */
function fits(session: ModelSession, service: NetworkService): boolean {
  const { allowedInterface: name } = session.request;
  const isRight = name === "*" || name === service.interface;
  const isEnough = typeOf(session) === "internet" ? service.state === "online" : isUp(service);
  return isRight && isEnough && bearersOf(session).includes(service.bearer);
}
