import { Variant } from "@dbus-codegen-ts/runtime";
import type { Random } from "../../fuzz/mutate.ts";

/** A method call that a client makes on a session service. Texts may contain `<A>`, the unique name of a client in a path. */
export interface Call {
  readonly client: string;
  readonly path: string;
  readonly interface?: string;
  readonly member: string;
  readonly signature: string;
  readonly args: readonly unknown[];
}

/**
 * A change of the network by the user or administrator of the machine, or from outside. Links are numbers of the links
 * of the recording.
 */
export type NetworkAction =
  | { readonly kind: "plug"; readonly link: number; readonly isIn: boolean }
  | { readonly kind: "address"; readonly link: number; readonly host: number }
  | { readonly kind: "address6"; readonly link: number; readonly host: number }
  | { readonly kind: "service"; readonly link: number; readonly member: "Connect" | "Disconnect" }
  | { readonly kind: "autoConnect"; readonly link: number; readonly isOn: boolean }
  | { readonly kind: "online"; readonly isOnline: boolean };

export type Action =
  | { readonly calls: readonly Call[] }
  | { readonly network: NetworkAction }
  | { readonly leave: string };

const MANAGER = "net.connman.Manager";
const SESSION = "net.connman.Session";
const PROPERTIES = "org.freedesktop.DBus.Properties";

const NOTIFIERS = ["/a", "/app/notify", "/net/example/App_1", `/${"long/".repeat(12)}path`, "/_", "/0"] as const;

const BEARER_LISTS: readonly (readonly string[])[] = [
  ["*"],
  [],
  ["ethernet"],
  ["gadget"],
  ["ethernet", "gadget"],
  ["gadget", "ethernet"],
  ["wifi", "*"],
  ["wifi"],
  ["vpn"],
  ["ethernet", "ethernet", "wifi", "bluetooth", "cellular"],
  ["", "ethernet"],
  ["", ""],
  ["Ethernet"],
  ["ethernet", "3g"],
  ["wimax"],
  ["*", "*"],
  Array.from({ length: 60 }, () => "gadget"),
];

const INTERFACES = ["*", "", "cma0", "cma1", "cma2", "cmb0", "lo", "none", "a name", "x".repeat(200)] as const;
const TYPES = ["any", "local", "internet", "", "online", "Internet", "x".repeat(100)] as const;

/** Values that are invalid for all settings, or for some. */
const ODD_VALUES = [
  new Variant("u", 7),
  new Variant("y", 1),
  new Variant("d", 0.5),
  new Variant("x", 5n),
  new Variant("o", "/a"),
  new Variant("g", "as"),
  new Variant("v", new Variant("s", "any")),
  new Variant("(s)", ["any"]),
  new Variant("au", []),
  new Variant("au", [1]),
  new Variant("a{sv}", {}),
  new Variant("a{sv}", { ethernet: new Variant("s", "x") }),
  new Variant("aas", [["ethernet"]]),
  new Variant("ao", ["/ethernet"]),
  new Variant("s", "ethernet"),
  new Variant("b", true),
  new Variant("as", ["any"]),
] as const;

const SETTING_NAMES = [
  ...["AllowedBearers", "ConnectionType", "AllowedInterface", "SourceIPRule", "ContextIdentifier"],
  ...["State", "Name", "Bearer", "Interface", "IPv4", "Priority", "AvoidHandover", "IdleTimeout", "EmergencyCall"],
  ...["RoamingPolicy", "allowedBearers", "", "Unknown"],
] as const;

/** Random actions of clients and of the network. Equal seeds lead to equal actions. */
export class Actions {
  readonly #random: Random;
  readonly #links: number;
  readonly #clients: string[] = [];
  #clientCount = 0;
  /** Paths of sessions that were probably created. */
  readonly #sessions = new Map<string, string>();

  constructor(random: Random, links: number) {
    this.#random = random;
    this.#links = links;
    for (let count = 0; count < 3; count++) this.#addClient();
  }

  next(): Action {
    const choice = this.#random.below(100);
    if (choice < 14) return { network: this.#network() };
    if (choice < 16) return this.#leave();
    if (choice < 24) return { calls: Array.from({ length: 2 + this.#random.below(3) }, () => this.#call()) };
    return { calls: [this.#call()] };
  }

  #addClient(): string {
    const index = this.#clientCount++;
    const name = `${String.fromCharCode(65 + (index % 17))}${index < 17 ? "" : Math.floor(index / 17)}`;
    this.#clients.push(name);
    return name;
  }

  #leave(): Action {
    const leave = this.#random.of(this.#clients);
    this.#clients.splice(this.#clients.indexOf(leave), 1);
    for (const [path, owner] of this.#sessions) if (owner === leave) this.#sessions.delete(path);
    this.#addClient();
    return { leave };
  }

  #network(): NetworkAction {
    const link = this.#random.below(this.#links);
    const choice = this.#random.below(12);
    if (choice < 4) return { kind: "plug", link, isIn: this.#random.below(5) > 1 };
    if (choice < 6) return { kind: "address", link, host: 50 + this.#random.below(5) };
    if (choice < 7) return { kind: "address6", link, host: 50 + this.#random.below(5) };
    if (choice < 10) return { kind: "service", link, member: this.#random.below(3) > 0 ? "Connect" : "Disconnect" };
    if (choice < 11) return { kind: "autoConnect", link, isOn: this.#random.below(2) > 0 };
    return { kind: "online", isOnline: this.#random.below(2) > 0 };
  }

  #call(): Call {
    const choice = this.#random.below(100);
    if (choice < 22 || this.#sessions.size === 0) return this.#create();
    if (choice < 27) return this.#destroyByManager();
    if (choice < 33) return this.#odd();
    const { client, path } = this.#session();
    const call = { client, path, interface: SESSION, signature: "", args: [] };
    if (choice < 50) return { ...call, member: "Connect" };
    if (choice < 62) return { ...call, member: "Disconnect" };
    if (choice < 67) return { ...call, member: "Destroy" };
    return { ...call, member: "Change", signature: "sv", args: this.#setting() };
  }

  #create(): Call {
    const client = this.#random.of(this.#clients);
    const notifier = this.#random.of(NOTIFIERS);
    const count = this.#random.of([0, 0, 0, 1, 1, 2, 3]);
    const settings = Object.fromEntries(Array.from({ length: count }, () => this.#setting()));
    this.#sessions.set(`/sessions/<${client}>${notifier}`, client);
    return {
      client,
      path: "/",
      interface: MANAGER,
      member: "CreateSession",
      signature: "a{sv}o",
      args: [settings, notifier],
    };
  }

  #session(): { readonly client: string; readonly path: string } {
    const [path, owner] = this.#random.of([...this.#sessions]);
    const isOwner = this.#random.below(8) > 0;
    return { path, client: isOwner ? owner : this.#random.of(this.#clients) };
  }

  #destroyByManager(): Call {
    const { client, path } = this.#session();
    const session = this.#random.of([path, path, path, `${path}/x`, "/", "/sessions"]);
    return { client, path: "/", interface: MANAGER, member: "DestroySession", signature: "o", args: [session] };
  }

  #setting(): [name: string, value: Variant] {
    const choice = this.#random.below(20);
    if (choice < 6) return ["AllowedBearers", new Variant("as", this.#random.of(BEARER_LISTS))];
    if (choice < 10) return ["ConnectionType", new Variant("s", this.#random.of(TYPES))];
    if (choice < 14) return ["AllowedInterface", new Variant("s", this.#random.of(INTERFACES))];
    if (choice < 16) return ["SourceIPRule", new Variant("b", this.#random.below(2) > 0)];
    if (choice < 17) return ["ContextIdentifier", new Variant("s", "context")];
    return [this.#random.of(SETTING_NAMES), this.#random.of(ODD_VALUES)];
  }

  /** Returns a call that reaches no method. */
  #odd(): Call {
    const { client, path } = this.#session();
    if (this.#random.below(40) === 0) {
      return { client, path, interface: PROPERTIES, member: "GetAll", signature: "s", args: [SESSION] };
    }
    return this.#random.of<Call>([
      { client, path, interface: SESSION, member: "Connect", signature: "s", args: ["now"] },
      { client, path, interface: SESSION, member: "Change", signature: "ss", args: ["ConnectionType", "any"] },
      { client, path, interface: SESSION, member: "Change", signature: "s", args: ["ConnectionType"] },
      { client, path, interface: SESSION, member: "Reconnect", signature: "", args: [] },
      { client, path, interface: "net.connman.Sessions", member: "Connect", signature: "", args: [] },
      { client, path, member: "Connect", signature: "", args: [] },
      { client, path, interface: MANAGER, member: "CreateSession", signature: "a{sv}o", args: [{}, "/a"] },
      { client, path: `${path}/below`, interface: SESSION, member: "Connect", signature: "", args: [] },
      { client, path, interface: "org.freedesktop.DBus.Peer", member: "Ping", signature: "", args: [] },
      { client, path: "/", interface: MANAGER, member: "CreateSession", signature: "o", args: ["/a"] },
      { client, path: "/", interface: MANAGER, member: "DestroySession", signature: "s", args: [path] },
    ]);
  }
}
