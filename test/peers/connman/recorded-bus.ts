import type { Variant } from "@dbus-codegen-ts/runtime";
import type { SeenMessage } from "../../setup/bus-monitor.ts";
import type { Link } from "./machine.ts";
import { type Input, MessageLog, type Names, type Recording, type ServiceChange, toJson } from "./recording.ts";

/** The client of the recorder itself. Its messages are not part of the recording. */
export const RECORDER = "Z";

/**
 * Sessions that show which service comes first in ConnMan's hash table and, when the session loses this service, which
 * service is next: path, ConnectionType, AllowedBearers.
 */
export const ORDER_PROBES = [
  ["order/1", "any", "*"],
  ["order/2", "any", "ethernet"],
  ["order/3", "internet", "*"],
  ["order/4", "internet", "ethernet"],
] as const;

type Settings = Readonly<Record<string, Variant>>;

type Values = Required<ServiceChange>;

interface Span {
  readonly start: number;
  readonly end: number | undefined;
}

/**
 * Derives what happened from the messages on a bus. The network is seen through sessions of the recorder: for each link
 * `/watch/<interface>/any` and `…/internet`, which exist all the time; `…/next`, which is disconnected before each action;
 * and `/probe/<number>/…`, which are created before each action. ConnMan sends the messages of one event without others
 * between them.
 */
export class RecordedBus {
  readonly #messages: readonly SeenMessage[];
  readonly #log: MessageLog;
  readonly #links: readonly Link[];
  readonly #values = new Map<string, Values>();
  readonly #inputs: Input[] = [];
  readonly #outputs: Record<string, string[]> = {};
  #order: readonly string[] = [];
  /** Whether a service has come up since the last probe, so that its place in the order is unknown. */
  #isOrderUnknown = false;
  /** Interfaces of the services that the sessions of `ORDER_PROBES` have, by path; empty for no service. */
  readonly #first = new Map<string, string>();

  constructor(messages: readonly SeenMessage[], names: Names, links: readonly Link[]) {
    this.#messages = messages;
    this.#log = new MessageLog(messages, names);
    this.#links = links;
    for (const { interface: name } of links) this.#values.set(name, { state: "idle", name: "", ipv4: {}, ipv6: {} });
  }

  /**
   * Returns the recording of a range of messages.
   *
   * @param span - Number of the first message, and of the message that followed the command to stop ConnMan, if it was
   *   given.
   */
  recorded({ start, end = Number.POSITIVE_INFINITY }: Span): Omit<Recording, "source" | "seed"> {
    let services: Recording["services"] = [];
    for (const [index, message] of this.#messages.entries()) {
      if (index === start) {
        services = this.#links.map(({ interface: name, bearer }) => {
          return { interface: name, bearer, ...this.#valuesOf(name) };
        });
        this.#inputs.length = 0;
      }
      if (index === end) this.#inputs.push({ end: true });
      if (index < end) this.#readNetwork(message, index);
      if (index < end) this.#readLeave(message);
      this.#readOutput(message);
    }
    if (end === this.#messages.length) this.#inputs.push({ end: true });
    return { services, inputs: this.#inputs, outputs: this.#outputs };
  }

  #readLeave({ member, body }: SeenMessage): void {
    const left = member === "NameOwnerChanged" && body[2] === "" ? this.#log.clientOf(String(body[0])) : undefined;
    if (left !== undefined && left !== RECORDER) this.#inputs.push({ leave: left });
  }

  #readOutput(message: SeenMessage): void {
    if (this.#log.clientOf(message.destination) === RECORDER || message.sender === "org.freedesktop.DBus") return;
    const output = this.#log.output(message);
    if (output === undefined) return;
    const call = this.#log.callOf(message);
    if (call !== undefined) this.#inputs.push({ call: this.#log.recorded(call) });
    this.#outputs[output.session] ??= [];
    this.#outputs[output.session]?.push(output.text);
  }

  #readNetwork(message: SeenMessage, index: number): void {
    const { member, destination, path = "", body } = message;
    if (member === "PropertyChanged") this.#readServiceState(path, body);
    if (member !== "Update" || this.#log.clientOf(destination) !== RECORDER) return;
    const [, kind, ...parts] = path.split("/");
    const settings = body[0] as Settings;
    const [first = "", second = "", third = ""] = parts;
    if (kind === "watch" && second === "any") this.#readAny(first, settings, index);
    if (kind === "watch" && second === "internet") this.#readInternet(first, settings, index);
    if (kind === "watch" && second === "next") this.#readNext(first, settings);
    const isFirst = settings["AllowedBearers"] !== undefined;
    if (kind === "probe" && second === "link" && isFirst) this.#readLinkProbe(third, settings);
    if (kind === "probe" && second === "order" && isFirst) this.#readOrderProbe(`order/${third}`, settings);
  }

  /** Reads the states of a service that is not connected yet, which no session reports. */
  #readServiceState(path: string, [name, value]: SeenMessage["body"]): void {
    const state: unknown = name === "State" ? Object(value).value : undefined;
    const isService = path.startsWith("/net/connman/service/");
    if (!isService || (state !== "association" && state !== "configuration")) return;
    const link = this.#links.find(({ mac }) => path.includes(mac.replaceAll(":", "")));
    if (link !== undefined && !isConnected(this.#valuesOf(link.interface).state)) {
      this.#change(link.interface, { state });
    }
  }

  #readAny(link: string, settings: Settings, index: number): void {
    const { state, name } = this.#valuesOf(link);
    const { ipv4, ipv6 } = addressesOf(settings);
    const addresses = { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) };
    if (settings["Name"] === undefined) {
      if (Object.keys(addresses).length > 0) this.#change(link, addresses);
      return;
    }
    const next = stateOf(settings);
    const newName = String(settings["Name"].value);
    if (next === "idle" && !isConnected(state)) return;
    if (next === "idle") this.#readOrderOfLoss(index);
    const change = { state: next, ...addresses, ...(next !== "idle" && newName !== name && { name: newName }) };
    this.#change(link, change);
  }

  #readInternet(link: string, settings: Settings, index: number): void {
    const { state } = this.#valuesOf(link);
    const next = settings["State"] === undefined ? state : stateOf(settings);
    if (next === state || (next === "idle" && state !== "online") || next === "ready") return;
    const taken = this.#inSameEvent(index, `/watch/${link}/next`) ?? this.#takenOnline(index, link);
    if (taken !== undefined) this.#readAddresses(link, taken);
    if (next === "online") this.#change(link, { state: "online" });
    else {
      const isLost = this.#inSameEvent(index, `/watch/${link}/any`)?.["State"]?.value === "disconnected";
      if (isLost) this.#readOrderOfLoss(index);
      this.#change(link, isLost ? { state: "idle", ipv4: {}, ipv6: {} } : { state: "ready" });
    }
  }

  /**
   * Reads an Update of the session `…/next`. This session takes its service only when the state of the service changes,
   * so the Update contains the addresses at that time.
   */
  #readNext(link: string, settings: Settings): void {
    const { state } = this.#valuesOf(link);
    const isTaken = settings["Interface"]?.value === link && settings["AllowedBearers"] === undefined;
    if (!isTaken || !isConnected(state)) return;
    this.#readAddresses(link, settings);
    const next = stateOf(settings);
    if (next !== state) this.#change(link, { state: next });
  }

  /**
   * Returns the settings in the next Update of a recorder's session, if it was sent in the same event as a message and
   * after it.
   */
  #inSameEvent(index: number, path: string): Settings | undefined {
    const { sender } = this.#messages[index] ?? {};
    for (let next = index + 1; next < this.#messages.length; next++) {
      const { [next]: message } = this.#messages;
      if (message?.sender !== sender) continue;
      if (message?.member !== "Update") return undefined;
      if (message.path === path) return message.body[0] as Settings;
    }
    return undefined;
  }

  /**
   * Returns the settings of the Update by which a session gets the service of a link, which is online, in the event of a
   * message; undefined if no session gets the service.
   */
  #takenOnline(index: number, link: string): Settings | undefined {
    const settings = this.#eventAt(index).map(({ body }) => body[0] as Settings);
    return settings.find(({ State, Interface, AllowedBearers }) => {
      return State?.value === "online" && Interface?.value === link && AllowedBearers === undefined;
    });
  }

  #readLinkProbe(link: string, settings: Settings): void {
    const state = stateOf(settings);
    const present = this.#valuesOf(link).state;
    const isSame = state === present || (state === "idle" && !isConnected(present));
    if (isSame) this.#readAddresses(link, settings);
    else this.#change(link, { state, name: String(settings["Name"]?.value), ...addressesOf(settings) });
  }

  /** Reads the addresses of a service, which may have changed without an event. */
  #readAddresses(link: string, settings: Settings): void {
    const before = this.#valuesOf(link);
    const { ipv4 = {}, ipv6 = {} } = addressesOf(settings);
    const silent = {
      ...(!isEqual(ipv4, before.ipv4) && { ipv4 }),
      ...(!isEqual(ipv6, before.ipv6) && { ipv6 }),
    };
    if (Object.keys(silent).length === 0) return;
    this.#values.set(link, { ...before, ...silent });
    this.#inputs.push({ service: link, silent });
  }

  #readOrderProbe(probe: string, settings: Settings): void {
    this.#first.set(probe, String(settings["Interface"]?.value ?? ""));
    if (probe !== ORDER_PROBES.at(-1)?.[0]) return;
    this.#setOrder([...this.#firstServices(), ...this.#links.map(({ interface: name }) => name)]);
    this.#isOrderUnknown = false;
  }

  /** Returns the services of the order probes, as interfaces, in the order of `ORDER_PROBES`. */
  #firstServices(): readonly string[] {
    return ORDER_PROBES.map(([probe]) => this.#first.get(probe) ?? "").filter((name) => name !== "");
  }

  /**
   * Derives the order of services from the loss of a service. If sessions of the last probe lose it, the services that they
   * get instead determine the order. Otherwise, if the order is not known, the services that any sessions get determine the
   * order. A gadget that a session gets then precedes all other services, because most sessions may also use Ethernet.
   */
  #readOrderOfLoss(index: number): void {
    const gains = this.#gainsAt(index);
    let isSeen = false;
    for (const [probe] of ORDER_PROBES) {
      const gain = gains.findLast(({ session }) => session.startsWith("/probe/") && session.endsWith(probe));
      if (gain === undefined) continue;
      this.#first.set(probe, gain.link);
      isSeen = true;
    }
    if (isSeen) {
      this.#setOrder([...this.#firstServices(), ...this.#order]);
      return;
    }
    if (!this.#isOrderUnknown) return;
    const gained = gains.map(({ link }) => link);
    const isGadget = (name: string): boolean =>
      this.#links.some((link) => link.interface === name && link.bearer === "gadget");
    this.#setOrder([...gained.filter(isGadget), ...gained, ...this.#order]);
  }

  /** Returns the sessions that lose a service in an event and get another one, each with the interface of the new service. */
  #gainsAt(index: number): readonly { readonly session: string; readonly link: string }[] {
    const messages = this.#eventAt(index);
    return messages.flatMap(({ destination, path = "", body: [settings] }, position) => {
      const { [position - 1]: before } = messages;
      const isSame = before?.destination === destination && before?.path === path;
      const isLoss = isSame && Object(before?.body[0])["State"]?.value === "disconnected";
      const link = isLoss ? Object(settings)["Interface"]?.value : undefined;
      return typeof link === "string" && link !== "" ? [{ session: path, link }] : [];
    });
  }

  #setOrder(names: readonly string[]): void {
    const order = [...new Set(names)];
    if (isEqual(order, this.#order)) return;
    this.#order = order;
    this.#inputs.push({ order });
  }

  /**
   * Returns the Updates of one event: those that ConnMan sent around a message, without other messages between them.
   */
  #eventAt(index: number): readonly SeenMessage[] {
    const sender = this.#messages[index]?.sender;
    const isUpdate = ({ member }: SeenMessage): boolean => member === "Update";
    const sent = (messages: readonly SeenMessage[]) => messages.filter((message) => message.sender === sender);
    const before = sent(this.#messages.slice(0, index));
    const after = sent(this.#messages.slice(index));
    const end = after.findIndex((message) => !isUpdate(message));
    return [
      ...before.slice(before.findLastIndex((message) => !isUpdate(message)) + 1),
      ...after.slice(0, end === -1 ? after.length : end),
    ];
  }

  #change(link: string, change: ServiceChange): void {
    const comesUp = change.state !== undefined && isConnected(change.state);
    this.#isOrderUnknown ||= comesUp && !isConnected(this.#valuesOf(link).state);
    this.#values.set(link, { ...this.#valuesOf(link), ...change });
    this.#inputs.push({ service: link, change });
  }

  #valuesOf(link: string): Values {
    return this.#values.get(link) ?? { state: "idle", name: "", ipv4: {}, ipv6: {} };
  }
}

function isConnected(state: Values["state"]): boolean {
  return state === "ready" || state === "online";
}

function stateOf(settings: Settings): "idle" | "ready" | "online" {
  const state = settings["State"]?.value;
  if (state === "online") return "online";
  return state === "connected" ? "ready" : "idle";
}

function addressesOf(settings: Settings): Pick<ServiceChange, "ipv4" | "ipv6"> {
  const { IPv4, IPv6 } = settings;
  return {
    ...(IPv4 !== undefined && { ipv4: Object(toJson(IPv4.value)) }),
    ...(IPv6 !== undefined && { ipv6: Object(toJson(IPv6.value)) }),
  };
}

function isEqual(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
