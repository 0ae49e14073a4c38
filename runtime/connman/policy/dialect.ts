import type { Bearer } from "./service.ts";
import type { SettingName } from "./settings.ts";

/**
 * The differences between generations of the session API: one field for each decision on which the documents of ConnMan
 * and ConnMan 1.41 differ. The table "Dialects" of the README names the source of each value.
 */
export interface Dialect {
  readonly name: DialectName;
  /** Settings of a session, in the order of the first Update. */
  readonly settings: readonly SettingName[];
  /** Bearers by the names that clients use, in the order in which `*` lists them. A missing bearer cannot be named. */
  readonly bearers: ReadonlyMap<string, Bearer>;
  /** Bearers that have a name, but that `*` does not include. */
  readonly bearersOutsideAny: ReadonlySet<Bearer>;
  /** Services that an empty AllowedBearers matches. */
  readonly emptyBearers: "any" | "none";
  /** Effect of an unknown name in AllowedBearers: it is removed, kept without effect, or makes the call fail. */
  readonly unknownBearers: "drop" | "keep" | "refuse";
  /** Whether the order of AllowedBearers is that of the client or that of the policy. */
  readonly bearerOrder: "client" | "policy";
  /** Whether AllowedBearers is reported with `*` expanded, or as the client set it. */
  readonly reportedBearers: "expanded" | "as given";
  /** Effect of an unknown ConnectionType: it is ignored, or stored as an empty string that acts like `any`. */
  readonly unknownConnectionType: "ignore" | "blank";
  /** Whether the ConnectionType of a policy applies while the policy does, or replaces that of the client for good. */
  readonly connectionTypeOfPolicy: "while it applies" | "kept";
  /** Whether an empty AllowedInterface at creation means any interface, or an interface without a name. */
  readonly emptyInterface: "any" | "literal";
  /** Whether ContextIdentifier is stored and reported, or accepted at creation only and discarded. */
  readonly contextIdentifier: "kept" | "lost";
  /**
   * Whether a session always has the service that it prefers and reports its present state, or is assigned only when a
   * service comes up or is lost, and by calls of its client (`sessions/event-allocation.ts`).
   */
  readonly assignment: "by preference" | "by event";
  /** State of a session of ConnectionType `local` while its service is online. */
  readonly localState: "connected" | "online";
  /** When IPv4 and IPv6 are reported. */
  readonly addresses: "when online" | "when assigned";
  /** Whether changes in one turn of the event loop are reported in one Update, or each step in a separate Update. */
  readonly updates: "per turn" | "per step";
  /** Whether settings that were set to their present value are omitted from Updates, or reported. */
  readonly equalValues: "omit" | "repeat";
  /**
   * Order of the sessions that one event affects: those with Priority, as a setting or of their policy, then those that
   * called Connect, then the oldest; or the oldest first.
   */
  readonly updateOrder: "by priority" | "by age";
  /**
   * Which RoamingPolicy decides what services a session may use: that of the policy; that of the policy and that of the
   * client; or none, so that the setting is only stored.
   */
  readonly roaming: "by policy" | "by setting and policy" | "stored";
  /**
   * Whether an emergency call is set by a client; or allowed by a policy and in progress while one of its sessions is
   * active; or the same for the latest session of such a policy only.
   */
  readonly emergency: "setting" | "policy" | "latest session of policy";
  /** Whether other sessions lose or keep their service during an emergency call. */
  readonly othersDuringEmergency: "wait" | "keep";
  /** Traffic that routing lets pass during an emergency call: all, or that of the application that makes it. */
  readonly trafficDuringEmergency: "all" | "of caller";
  /** Clients that may call the methods of a session. */
  readonly callers: "creator" | "anybody";
  /** Whether an Update is sent after Release, and to a client that has left the bus. */
  readonly lastUpdate: "none" | "always";
  /** Errors of calls that reach no method: those of the D-Bus specification, or those of ConnMan. */
  readonly refusals: "standard" | "connman";
}

export type DialectName = "session-2017" | "session-2013" | "session-2011" | "connman-1.41";
