import { ANY_BEARER, acceptBearers } from "./bearers.ts";
import type { Dialect, SettingUse } from "./dialect.ts";
import type { ConnectionType, RoamingPolicy } from "./policy.ts";
import { type AllSettings, type SettingName, WIRE_NAMES } from "./settings.ts";

/** What clients ask for as sessions show it. */
type AskedAsShown =
  | "connectionType"
  | "contextIdentifier"
  | "sourceIPRule"
  | "priority"
  | "avoidHandover"
  | "stayConnected"
  | "periodicConnect"
  | "idleTimeout"
  | "emergencyCall"
  | "roamingPolicy";

/** What a client asks of its session. Never changed, but replaced. */
export interface RequestedSettings extends Pick<AllSettings, AskedAsShown> {
  /** As the client gave them, without the names that the dialect drops. */
  readonly bearers: readonly string[];
  /** Name of the one interface to use, or `*`. */
  readonly interface: string;
}

/** A setting as it comes from a client. */
export interface SettingEntry {
  /** Name on the wire. */
  readonly name: string;
  /** D-Bus type of the value. */
  readonly signature: string;
  readonly value: unknown;
}

/** What a client asks for that gives no setting. */
export const DEFAULT_REQUEST: RequestedSettings = {
  bearers: [ANY_BEARER],
  connectionType: "any",
  interface: ANY_BEARER,
  contextIdentifier: "",
  sourceIPRule: false,
  priority: false,
  avoidHandover: false,
  stayConnected: false,
  periodicConnect: 0,
  idleTimeout: 0,
  emergencyCall: false,
  roamingPolicy: "forbidden",
};

type Occasion = Exclude<SettingUse, "read">;
type Change = Partial<RequestedSettings>;

/** Makes a value a part of the request; undefined where it cannot be. */
type Reader = (entry: SettingEntry, dialect: Dialect, occasion: Occasion) => Change | undefined;

const CONNECTION_TYPES: readonly ConnectionType[] = ["any", "local", "internet"];
const ROAMING_POLICIES: readonly RoamingPolicy[] = ["national", "international", "default", "always", "forbidden"];

const READERS: Readonly<Partial<Record<SettingName, Reader>>> = {
  allowedBearers(entry, dialect) {
    const names = textsOf(entry);
    const bearers = names && acceptBearers(dialect, names);
    return bearers && { bearers };
  },
  connectionType(entry, dialect) {
    if (entry.signature !== "s") return undefined;
    const known = CONNECTION_TYPES.find((type) => type === entry.value);
    if (known !== undefined) return { connectionType: known };
    return dialect.unknownConnectionType === "ignore" ? {} : { connectionType: "" };
  },
  allowedInterface(entry, dialect, occasion) {
    const name = textOf(entry);
    if (name !== "" || (occasion === "create" && dialect.emptyInterface === "literal")) {
      return name === undefined ? undefined : { interface: name };
    }
    return { interface: ANY_BEARER };
  },
  contextIdentifier(entry, dialect) {
    const text = textOf(entry);
    if (text === undefined) return undefined;
    return dialect.contextIdentifier === "kept" ? { contextIdentifier: text } : {};
  },
  roamingPolicy(entry) {
    const known = ROAMING_POLICIES.find((policy) => policy === textOf(entry));
    return known && { roamingPolicy: known };
  },
  sourceIPRule: flag("sourceIPRule"),
  priority: flag("priority"),
  avoidHandover: flag("avoidHandover"),
  stayConnected: flag("stayConnected"),
  emergencyCall: flag("emergencyCall"),
  periodicConnect: count("periodicConnect"),
  idleTimeout: count("idleTimeout"),
};

/**
 * What a client asks for with the settings of CreateSession.
 *
 * @returns undefined when one of them cannot be given, or not with this value.
 */
export function readRequest(dialect: Dialect, entries: Iterable<SettingEntry>): RequestedSettings | undefined {
  let request = dialect.emptyBearers === "any" ? { ...DEFAULT_REQUEST, bearers: [] } : DEFAULT_REQUEST;
  for (const entry of entries) {
    const change = readEntry(dialect, entry, "create");
    if (change === undefined) return undefined;
    request = { ...request, ...change };
  }
  return request;
}

/**
 * What a client asks for with Change.
 *
 * @returns What becomes other than it was asked before; undefined when the setting cannot be changed, or not to this value.
 */
export function readChange(dialect: Dialect, entry: SettingEntry): Change | undefined {
  return readEntry(dialect, entry, "create and change");
}

function readEntry(dialect: Dialect, entry: SettingEntry, occasion: Occasion): Change | undefined {
  const found = dialect.settings.find(([setting]) => WIRE_NAMES[setting] === entry.name);
  if (found === undefined) return undefined;
  const [setting, use] = found;
  if (use === "read" || (use === "create" && occasion !== "create")) return undefined;
  return READERS[setting]?.(entry, dialect, occasion);
}

function textOf({ signature, value }: SettingEntry): string | undefined {
  return signature === "s" && typeof value === "string" ? value : undefined;
}

/** A list of texts; an empty list of anything is one. */
function textsOf({ signature, value }: SettingEntry): readonly string[] | undefined {
  if (!Array.isArray(value) || (signature !== "as" && value.length > 0)) return undefined;
  return value.every((one) => typeof one === "string") ? value : undefined;
}

function flag(name: "sourceIPRule" | "priority" | "avoidHandover" | "stayConnected" | "emergencyCall"): Reader {
  return ({ signature, value }) => (signature === "b" && typeof value === "boolean" ? { [name]: value } : undefined);
}

function count(name: "periodicConnect" | "idleTimeout"): Reader {
  return ({ signature, value }) => (signature === "u" && typeof value === "number" ? { [name]: value } : undefined);
}
