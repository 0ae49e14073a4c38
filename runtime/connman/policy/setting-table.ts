import { ConnectionType, RoamingPolicy, type SessionState } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { ANY_BEARER, acceptedBearerNames, bearerName } from "./bearers.ts";
import type { Dialect } from "./dialect.ts";
import type { SessionPolicy } from "./policy.ts";
import type { Bearer, NetworkService } from "./service.ts";
import { type AllSettings, ANY_INTERFACE, type SettingName } from "./settings.ts";

const NO_ADDRESS: AllSettings["ipv4"] & AllSettings["ipv6"] = {};

/** The method call with which a client sets a setting. */
export type SettingCall = "CreateSession" | "Change";

/** Result of a parser for a value that the dialect accepts, but that changes nothing. */
export const WITHOUT_EFFECT = Symbol("without effect");

/**
 * Converts a value of the setting's D-Bus type.
 *
 * @returns undefined if the dialect refuses the value.
 */
type Parser<T> = (value: unknown, dialect: Dialect, call: SettingCall) => T | typeof WITHOUT_EFFECT | undefined;

/** The values from which the reported settings of an assigned service are computed. */
export interface ServiceView {
  readonly dialect: Dialect;
  readonly state: SessionState;
  readonly service: NetworkService | undefined;
  /** The same as `service` if its addresses are reported, otherwise undefined. */
  readonly addressedService: NetworkService | undefined;
}

/** The values from which the reported settings of a session are computed, besides those that the client set. */
export interface SessionView {
  readonly dialect: Dialect;
  readonly policy: SessionPolicy | undefined;
  /** Bearers that the session may use, in order of preference. */
  readonly bearers: readonly Bearer[];
  /** Whether sessions report that an emergency call is in progress. */
  readonly emergencyCall: boolean;
  readonly mark: number;
}

/** A read-only setting whose value depends on the assigned service. */
interface ServiceSetting<T> {
  readonly source: "service";
  readonly report: (view: ServiceView) => T;
}

/** A read-only setting that does not depend on the service. */
interface SessionSetting<T> {
  readonly source: "session";
  readonly report: (view: SessionView) => T;
}

/** A setting that clients set with CreateSession and Change. */
interface ClientSetting<T> {
  readonly source: "client";
  /** Returns the value of the setting for a client that does not set it. */
  readonly initial: (dialect: Dialect) => T;
  readonly parse: Parser<T>;
  /** Returns the value to report for the value that the client set. */
  readonly report: (value: T, view: SessionView) => T;
}

type SettingTable = {
  readonly [K in SettingName]:
    | ServiceSetting<AllSettings[K]>
    | SessionSetting<AllSettings[K]>
    | ClientSetting<AllSettings[K]>;
};

/**
 * The settings of sessions: source, initial value, parser and reported value of each setting. The generated
 * dictionaries define names and types of settings, and which dialect has a setting.
 */
const TABLE = {
  state: ofService(({ state }) => state),
  online: ofService(({ state }) => state === "online"),
  name: ofService(({ service }) => service?.name ?? ""),
  ipv4: ofService(({ addressedService }) => addressedService?.ipv4 ?? NO_ADDRESS),
  ipv6: ofService(({ addressedService }) => addressedService?.ipv6 ?? NO_ADDRESS),
  interface: ofService(({ service }) => service?.interface ?? ""),
  bearer: ofService(({ dialect, service }) => (service === undefined ? "" : bearerName(dialect, service.bearer))),
  connectionType: ofClient<ConnectionType>("any", parseConnectionType, (value, { policy }) =>
    effectiveConnectionType(value, policy),
  ),
  allowedBearers: {
    source: "client",
    initial: ({ emptyBearers }) => (emptyBearers === "any" ? [] : [ANY_BEARER]),
    parse: (value, dialect) => (isTextList(value) ? acceptedBearerNames(dialect, value) : undefined),
    report: (value, { dialect, bearers }) =>
      dialect.reportedBearers === "as given" ? value : bearers.map((bearer) => bearerName(dialect, bearer)),
  },
  allowedInterface: ofClient<string>(ANY_INTERFACE, parseAllowedInterface),
  contextIdentifier: ofClient<string>("", parseContextIdentifier),
  sourceIPRule: ofClient<boolean>(false, parseBoolean),
  priority: ofClient<boolean>(false, parseBoolean, (value, { policy }) => value || (policy?.priority ?? false)),
  avoidHandover: ofClient<boolean>(false, parseBoolean),
  stayConnected: ofClient<boolean>(false, parseBoolean),
  periodicConnect: ofClient<number>(0, parseNumber),
  idleTimeout: ofClient<number>(0, parseNumber),
  emergencyCall: ofClient<boolean>(false, parseBoolean, (_value, { emergencyCall }) => emergencyCall),
  roamingPolicy: ofClient<RoamingPolicy>(
    "forbidden",
    (value) => Object.values(RoamingPolicy).find((policy) => policy === value),
    (value, { policy }) => effectiveRoamingPolicy(value, policy),
  ),
  sessionMarker: { source: "session", report: ({ mark }) => mark },
} as const satisfies SettingTable;

/** The settings by name, each as a `ServiceSetting`, `SessionSetting` or `ClientSetting`. */
export const SETTING_TABLE: SettingTable = TABLE;

/** Settings that clients can set. */
export type ClientSettingName = {
  [K in SettingName]: (typeof TABLE)[K] extends { readonly source: "client" } ? K : never;
}[SettingName];

/** The settings that clients can set, by name. */
export const CLIENT_SETTINGS: { readonly [K in ClientSettingName]: ClientSetting<AllSettings[K]> } = TABLE;

const clientSettingNames: ReadonlySet<string> = new Set(
  Object.entries(TABLE).flatMap(([name, { source }]) => (source === "client" ? [name] : [])),
);

/** Names of the settings that clients can set. */
export const CLIENT_SETTING_NAMES: readonly ClientSettingName[] = Object.keys(TABLE).filter(isClientSetting);

/** Returns whether clients can set a setting. */
export function isClientSetting(name: string): name is ClientSettingName {
  return clientSettingNames.has(name);
}

/**
 * Returns the connection type that applies: that of the policy unless it is `any`, otherwise that of the client. A type
 * that the dialect stored as an empty string stays empty.
 */
export function effectiveConnectionType(requested: ConnectionType, policy: SessionPolicy | undefined): ConnectionType {
  if (requested === "" || policy === undefined || policy.connectionType === "any") return requested;
  return policy.connectionType;
}

/** Returns the roaming policy that applies: that of the client unless it is `forbidden`, otherwise that of the policy. */
export function effectiveRoamingPolicy(requested: RoamingPolicy, policy: SessionPolicy | undefined): RoamingPolicy {
  const isOfPolicy = requested === "forbidden" && policy !== undefined && policy.roamingPolicy !== "default";
  return isOfPolicy ? policy.roamingPolicy : requested;
}

function ofService<T>(report: (view: ServiceView) => T): ServiceSetting<T> {
  return { source: "service", report };
}

function ofClient<T>(
  initial: T,
  parse: Parser<T>,
  report = (value: T, _view: SessionView): T => value,
): ClientSetting<T> {
  return { source: "client", initial: () => initial, parse, report };
}

function parseBoolean(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function parseNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === "string");
}

function parseConnectionType(value: unknown, dialect: Dialect): ConnectionType | typeof WITHOUT_EFFECT {
  const type = Object.values(ConnectionType).find((known) => known === value);
  if (type !== undefined && type !== "") return type;
  return dialect.unknownConnectionType === "ignore" ? WITHOUT_EFFECT : "";
}

function parseAllowedInterface(value: unknown, dialect: Dialect, call: SettingCall): string | undefined {
  if (typeof value !== "string") return undefined;
  const isLiteral = call === "CreateSession" && dialect.emptyInterface === "literal";
  return value === "" && !isLiteral ? ANY_INTERFACE : value;
}

/** Parses ContextIdentifier. ConnMan 1.41 accepts the setting at creation, discards it, and refuses to change it. */
function parseContextIdentifier(value: unknown, dialect: Dialect, call: SettingCall) {
  if (typeof value !== "string") return undefined;
  if (dialect.contextIdentifier === "kept") return value;
  return call === "CreateSession" ? WITHOUT_EFFECT : undefined;
}
