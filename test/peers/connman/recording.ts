import { Variant } from "@dbus-codegen-ts/runtime";
import type { SeenMessage } from "../../setup/bus-monitor.ts";

/** Something that happened to a session service, in the order in which the service noticed it. */
export type Input =
  | { readonly call: RecordedCall }
  /** A client left the bus. */
  | { readonly leave: string }
  /** A service changed, and sessions are notified. */
  | { readonly service: string; readonly change: ServiceChange }
  /** Addresses of a service changed, and ConnMan does not notify the sessions that have it. */
  | { readonly service: string; readonly silent: Addresses }
  /** Order in which ConnMan's hash table lists the services from now on, by interface. */
  | { readonly order: readonly string[] }
  /** The session service was stopped. */
  | { readonly end: true };

/** A call of a client. Clients are `A`, `B` and so on; `<A>` is the unique name of a client as part of a path. */
export interface RecordedCall {
  readonly client: string;
  readonly path: string;
  readonly interface?: string;
  readonly member: string;
  readonly signature: string;
  /** Arguments of the call, in which variants are `{ "type": …, "data": … }`. */
  readonly body: readonly unknown[];
}

/** Addresses of a service, in the form of the settings IPv4 and IPv6. */
export interface Addresses {
  readonly ipv4?: Readonly<Record<string, unknown>>;
  readonly ipv6?: Readonly<Record<string, unknown>>;
}

/** New values of a service. */
export interface ServiceChange extends Addresses {
  readonly state?: "idle" | "association" | "configuration" | "ready" | "online";
  readonly name?: string;
}

/** A service as it was when the recording began. */
export interface RecordedService extends Required<ServiceChange> {
  readonly interface: string;
  readonly bearer: "ethernet" | "gadget";
}

/** Messages of the session service by session, such as `A /app`, one text per message. */
export type Outputs = Readonly<Record<string, readonly string[]>>;

/** What happened to a session service, and the messages that it sent. */
export interface Recording {
  /** The program that was recorded. */
  readonly source: string;
  readonly seed: number;
  readonly services: readonly RecordedService[];
  readonly inputs: readonly Input[];
  readonly outputs: Outputs;
}

/** Returns a recording as JSON lines: the service and its network, each input, and the messages of each session. */
export function toLines({ inputs, outputs, ...header }: Recording): string {
  const sessions = Object.entries(outputs).map(([session, messages]) => ({ session, messages }));
  return [header, ...inputs, ...sessions].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Parses the lines that `toLines` returns. */
export function fromLines(text: string): Recording {
  const [header, ...lines] = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  const isSession = (line: object): boolean => "session" in line;
  return {
    ...header,
    inputs: lines.filter((line) => !isSession(line)),
    outputs: Object.fromEntries(lines.filter(isSession).map(({ session, messages }) => [session, messages])),
  };
}

/** Unique names on a bus by client, such as `:1.7` by `A`. */
export type Names = ReadonlyMap<string, string>;

/** Replaces the unique names of a bus in a text by the letters of the clients. */
export function withoutNames(text: string, names: Names): string {
  let result = text;
  for (const [client, name] of names) {
    result = result.replaceAll(`/${partOfPath(name)}/`, `/<${client}>/`).replaceAll(`"${name}"`, `"<${client}>"`);
  }
  return result;
}

/** Replaces the letters of the clients in a text by their unique names. */
export function withNames(text: string, names: Names): string {
  return text.replaceAll(/<(\w+)>/g, (whole, client: string) => {
    const name = names.get(client);
    return name === undefined ? whole : partOfPath(name);
  });
}

function partOfPath(uniqueName: string): string {
  return uniqueName.replaceAll(/[:.]/g, "_");
}

/** Converts decoded values to JSON: variants become `{ "type": …, "data": … }`. */
export function toJson(value: unknown): unknown {
  if (value instanceof Variant) return { type: value.signature, data: toJson(value.value) };
  if (typeof value === "bigint") return `${value}`;
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toJson(entry)]));
}

/** Converts JSON that `toJson` has returned to values. Letters of clients are replaced by their unique names. */
export function fromJson(value: unknown, names: Names): unknown {
  if (typeof value === "string") return withNames(value, names);
  if (Array.isArray(value)) return value.map((element) => fromJson(element, names));
  if (typeof value !== "object" || value === null) return value;
  if ("type" in value && "data" in value) return new Variant(String(value.type), fromJson(value.data, names));
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fromJson(entry, names)]));
}

/** Returns the text of a value with the types of its variants. */
function textOf(value: unknown): string {
  if (value instanceof Variant) return `${value.signature} ${textOf(value.value)}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, entry]) => `${key}: ${textOf(entry)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

const [CALL, REPLY, ERROR] = [1, 2, 3];
const NO_REPLY_EXPECTED = 1;

/** Messages of a bus in order, with the calls that replies belong to. */
export class MessageLog {
  readonly #calls = new Map<string, SeenMessage>();
  readonly #names: Names;
  readonly #clients: ReadonlyMap<string, string>;

  constructor(messages: readonly SeenMessage[], names: Names) {
    this.#names = names;
    this.#clients = new Map([...names].map(([client, name]) => [name, client]));
    for (const message of messages) {
      if (message.type === CALL) this.#calls.set(`${message.sender} ${message.serial}`, message);
    }
  }

  clientOf(name: string | undefined): string | undefined {
    return this.#clients.get(name ?? "");
  }

  /** Returns the call that a message answers. */
  callOf({ type, destination, replySerial }: SeenMessage): SeenMessage | undefined {
    return type === REPLY || type === ERROR ? this.#calls.get(`${destination} ${replySerial}`) : undefined;
  }

  recorded(call: SeenMessage): RecordedCall {
    const { path = "", member = "", signature, body } = call;
    const json = JSON.stringify({
      client: this.clientOf(call.sender) ?? "",
      path,
      ...(call.interface !== undefined && { interface: call.interface }),
      member,
      signature,
      body: toJson(body),
    });
    return JSON.parse(withoutNames(json, this.#names));
  }

  /** Returns the session and the text of a message that the session service sent; undefined for other messages. */
  output(message: SeenMessage): { readonly session: string; readonly text: string } | undefined {
    const client = this.clientOf(message.destination);
    if (client === undefined) return undefined;
    const { type, flags, signature, body, path = "", errorName } = message;
    const values = body.map(textOf).join(" ");
    const text = (kind: string): string =>
      withoutNames([kind, signature, values].filter(Boolean).join(" "), this.#names);
    if (type === CALL) {
      const suffix = flags & NO_REPLY_EXPECTED ? "" : ", expects a reply";
      return { session: `${client} ${path}`, text: text(`${message.member}${suffix}`) };
    }
    const call = this.callOf(message);
    if (call === undefined) return undefined;
    const kind = type === REPLY ? "reply" : `${errorName}`;
    return { session: this.#sessionOf(call), text: text(`${call.member}: ${kind}`) };
  }

  #sessionOf({ sender, path = "", member, body }: SeenMessage): string {
    const client = this.clientOf(sender) ?? "";
    const target = member === "CreateSession" ? body[1] : member === "DestroySession" ? body[0] : path;
    if (typeof target !== "string") return client;
    const named = withoutNames(target, this.#names);
    if (member === "CreateSession") return `${client} ${named}`;
    return named.startsWith("/sessions/<") ? named.replace(/^\/sessions\/<(\w+)>/, "$1 ") : client;
  }
}
