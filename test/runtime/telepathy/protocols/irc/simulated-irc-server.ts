import type { ScriptedSession } from "./scripted-session.ts";

/** Commands and capabilities that a simulated server supports. */
export interface ServerFeatures {
  /** Maximum number of users in the MONITOR list; undefined if the server does not support MONITOR. */
  readonly monitorLimit?: number;
  readonly capabilities?: readonly string[];
  /** Commands that the server rejects as unknown. */
  readonly unknown?: readonly string[];
}

/** An online user of a simulated server. The user is away if there is an away message. */
interface SimulatedUser {
  readonly nick: string;
  awayMessage: string | undefined;
}

/** Simulated IRC server with users. Returns the lines that one session receives. */
export class SimulatedIrcServer {
  readonly users = new Map<string, SimulatedUser>();
  readonly #features: ServerFeatures;
  readonly #session: ScriptedSession;
  readonly #monitored = new Set<string>();
  readonly #enabled = new Set<string>();

  constructor(session: ScriptedSession, features: ServerFeatures = {}) {
    this.#session = session;
    this.#features = features;
  }

  /** Adds an online user. Returns the lines that the session receives. */
  join(nick: string): readonly string[] {
    const folded = this.#session.fold(nick);
    this.users.set(folded, { nick, awayMessage: undefined });
    return this.#monitored.has(folded) ? [`:irc 730 Tester :${nick}!u@h`] : [];
  }

  /** Removes a user. Returns the lines that the session receives. */
  quit(nick: string): readonly string[] {
    const folded = this.#session.fold(nick);
    this.users.delete(folded);
    return this.#monitored.has(folded) ? [`:irc 731 Tester :${nick}`] : [];
  }

  setAway(nick: string, message: string | undefined): readonly string[] {
    const user = this.users.get(this.#session.fold(nick));
    if (user === undefined) return [];
    user.awayMessage = message;
    const isReported = this.#enabled.has("away-notify") && this.#enabled.has("extended-monitor");
    if (!isReported || !this.#monitored.has(this.#session.fold(nick))) return [];
    return [`:${user.nick}!u@h AWAY${message === undefined ? "" : ` :${message}`}`];
  }

  /** Returns the replies to a line that the session sends. */
  answer(line: string): readonly string[] {
    const [command = "", ...params] = line.split(" ");
    if (this.#features.unknown?.includes(command)) return [`:irc 421 Tester ${command} :Unknown command`];
    if (command === "ISON") return [`:irc 303 Tester :${this.#online(params).join(" ")}`];
    if (command === "USERHOST") return [`:irc 302 Tester :${this.#userhosts(params).join(" ")}`];
    if (command === "CAP") return [this.#capability(params[1] ?? "")];
    if (command === "MONITOR") return this.#monitor(params[0] ?? "", (params[1] ?? "").split(","));
    throw new Error(`unexpected: ${line}`);
  }

  #online(nicks: readonly string[]): readonly string[] {
    return nicks.flatMap((nick) => this.users.get(this.#session.fold(nick))?.nick ?? []);
  }

  #userhosts(nicks: readonly string[]): readonly string[] {
    return this.#online(nicks.slice(0, 5)).map((nick) => {
      const isAway = this.users.get(this.#session.fold(nick))?.awayMessage !== undefined;
      return `${nick}=${isAway ? "-" : "+"}u@h`;
    });
  }

  #capability(name: string): string {
    const plain = name.replace(/^-/, "");
    if (!this.#features.capabilities?.includes(plain)) return `:irc CAP Tester NAK :${name}`;
    if (name === plain) this.#enabled.add(plain);
    else this.#enabled.delete(plain);
    return `:irc CAP Tester ACK :${name}`;
  }

  #monitor(operation: string, nicks: readonly string[]): readonly string[] {
    if (operation === "C") this.#monitored.clear();
    if (operation === "-") for (const nick of nicks) this.#monitored.delete(this.#session.fold(nick));
    if (operation !== "+") return [];
    const limit = this.#features.monitorLimit ?? 0;
    const accepted = nicks.slice(0, Math.max(0, limit - this.#monitored.size));
    for (const nick of accepted) this.#monitored.add(this.#session.fold(nick));
    const online = this.#online(accepted).map((nick) => `${nick}!u@h`);
    const offline = accepted.filter((nick) => !this.users.has(this.#session.fold(nick)));
    const refused = nicks.slice(accepted.length);
    return [
      ...(online.length > 0 ? [`:irc 730 Tester :${online.join(",")}`] : []),
      ...(offline.length > 0 ? [`:irc 731 Tester :${offline.join(",")}`] : []),
      ...(refused.length > 0 ? [`:irc 734 Tester ${limit} ${refused.join(",")} :Monitor list is full`] : []),
    ];
  }
}
