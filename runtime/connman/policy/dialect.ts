import type { Bearer } from "./service.ts";
import type { SettingName } from "./settings.ts";

/** When a client may name a setting. */
export type SettingUse = "read" | "create" | "create and change";

/**
 * A generation of the session API: one field for each decision that the documents and the real daemon took differently.
 * Where it came from is said in the table of the README.
 */
export interface Dialect {
  readonly name: DialectName;
  /** The settings a session has, in the order in which they were documented, and when a client may give each. */
  readonly settings: readonly (readonly [SettingName, SettingUse])[];
  /** What clients call the bearers, in the order in which `*` stands for them. Bearers that are missing cannot be named. */
  readonly bearers: ReadonlyMap<string, Bearer>;
  /** Bearers that can be named, but are not among those that `*` stands for. */
  readonly bearersBesideAny: ReadonlySet<Bearer>;
  /** An empty AllowedBearers matches every service, or none. */
  readonly emptyBearers: "any" | "none";
  /** Unknown names in AllowedBearers are dropped, kept without effect, or make the call fail. */
  readonly unknownBearers: "drop" | "keep" | "refuse";
  /** Which order of AllowedBearers decides: the one the client gave, or that of the policy. */
  readonly bearerOrder: "client" | "policy";
  /** AllowedBearers is reported with `*` replaced by what it stands for, or as the client gave it. */
  readonly reportedBearers: "expanded" | "as given";
  /** An unknown ConnectionType is ignored, or stored as the empty text, which acts like `any`. */
  readonly unknownConnectionType: "ignore" | "blank";
  /** A changed ConnectionType takes a service that no longer fits away at once, or at its next event. */
  readonly connectionTypeApplies: "at once" | "at events";
  /** An empty AllowedInterface at creation is any interface, or one of that name, which does not exist. */
  readonly emptyInterface: "any" | "literal";
  /** ContextIdentifier is kept and reported, or accepted and forgotten. */
  readonly contextIdentifier: "kept" | "lost";
  /** State goes with the service, or stays what it was when the service was assigned or got another address. */
  readonly state: "of service" | "of assignment";
  /** What a `local` session shows while its service is online. */
  readonly localState: "connected" | "online";
  /** IP settings and Online are shown only while the service is online. */
  readonly addresses: "when online" | "when assigned";
  /** Changes of one turn make one Update, or each step makes its own. */
  readonly updates: "per turn" | "per step";
  /** Values that were set again to what they were are left out, or reported again; so with the five settings of a service. */
  readonly equalValues: "omit" | "repeat";
  /** Sessions with Priority hear first. */
  readonly priorityFirst: boolean;
  /** Where a session may roam decides about its services, or is stored only. */
  readonly roaming: "decides" | "stored";
  /** An emergency call is a setting that a client writes, or comes with the policy and counts while its session is active. */
  readonly emergency: "setting" | "policy";
  /** During an emergency call sessions of others lose their service, or keep it. */
  readonly othersDuringEmergency: "wait" | "keep";
  /** Who may call the methods of a session. */
  readonly callers: "creator" | "anybody";
  /** What is still sent after Release, and to a client that has left the bus. */
  readonly lastUpdate: "none" | "always";
  /** How calls that reach no method are answered. */
  readonly refusals: "standard" | "connman";
}

export type DialectName = "session-2013" | "session-2011" | "connman-1.41";
