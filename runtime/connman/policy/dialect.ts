import type { Bearer } from "./service.ts";
import type { SettingName } from "./settings.ts";

/**
 * The differences between generations of the session API. Each field is a decision that differs between ConnMan's
 * documents of several years, or between the documents and ConnMan 1.41. The table "Dialects" of the README names the
 * source of each value.
 */
export interface Dialect {
  readonly name: DialectName;
  /** Settings of a session, in the order of the first Update. */
  readonly settings: readonly SettingName[];
  /**
   * Bearers by the names that clients use, in the order in which `*` lists them. Clients cannot use a bearer that is
   * missing here.
   */
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
  /**
   * Effect of the ConnectionType of a policy: it overrides that of the client until the policy is removed, or replaces
   * it permanently.
   */
  readonly connectionTypeOfPolicy: "while it applies" | "kept";
  /** Meaning of an empty AllowedInterface in CreateSession: any interface, or an interface whose name is empty. */
  readonly emptyInterface: "any" | "literal";
  /**
   * What happens with ContextIdentifier: it is stored and reported, or it is accepted by CreateSession only and then
   * discarded.
   */
  readonly contextIdentifier: "kept" | "lost";
  /**
   * How services are assigned. `by preference`: a session always has the service that it prefers, and reports the
   * present state of the service. `by event`: the service of a session changes only when a service comes up or is lost,
   * and by calls of the client (`sessions/event-allocation.ts`).
   */
  readonly assignment: "by preference" | "by event";
  /** State of a session of ConnectionType `local` while its service is online. */
  readonly localState: "connected" | "online";
  /** When IPv4 and IPv6 are reported: while the service is online, or as soon as it has addresses. */
  readonly addresses: "when online" | "when assigned";
  /** Whether changes in one turn of the event loop are reported in one Update, or each step in a separate Update. */
  readonly updates: "per turn" | "per step";
  /** Whether Updates contain settings that were set to the value that they already had. */
  readonly equalValues: "omit" | "repeat";
  /**
   * Order in which the sessions that one event affects get their Updates. `by priority`: first sessions with Priority
   * (as a setting or in their policy), then sessions that called Connect, then older sessions. `by age`: the oldest
   * session first.
   */
  readonly updateOrder: "by priority" | "by age";
  /**
   * Which RoamingPolicy decides what services a session may use. `by policy`: that of the policy. `by setting and
   * policy`: those of the policy and of the client. `stored`: none, the setting is only stored.
   */
  readonly roaming: "by policy" | "by setting and policy" | "stored";
  /**
   * How an emergency call begins. `setting`: a client sets EmergencyCall. `policy`: a session whose policy allows
   * emergency calls is active. `latest session of policy`: the same, but only the session that got such a policy last
   * can make a call.
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
