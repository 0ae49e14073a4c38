import type { Dialect, DialectName } from "./dialect.ts";
import { SETTINGS_2011, SETTINGS_2013, SETTINGS_2017 } from "./settings.ts";

/** The API of 2013 with the three settings that were added later; the default. */
const SESSION_2017: Dialect = {
  name: "session-2017",
  settings: SETTINGS_2017,
  bearers: new Map([
    ["ethernet", "ethernet"],
    ["wifi", "wifi"],
    ["bluetooth", "bluetooth"],
    ["cellular", "cellular"],
    ["gadget", "gadget"],
    ["vpn", "vpn"],
  ]),
  bearersOutsideAny: new Set(["vpn"]),
  emptyBearers: "none",
  unknownBearers: "drop",
  bearerOrder: "client",
  reportedBearers: "expanded",
  unknownConnectionType: "ignore",
  connectionTypeOfPolicy: "while it applies",
  emptyInterface: "any",
  contextIdentifier: "kept",
  assignment: "by preference",
  localState: "connected",
  addresses: "when assigned",
  updates: "per turn",
  equalValues: "omit",
  updateOrder: "by priority",
  roaming: "by policy",
  emergency: "policy",
  othersDuringEmergency: "wait",
  trafficDuringEmergency: "all",
  callers: "creator",
  lastUpdate: "none",
  refusals: "standard",
};

/** The API as documented in 2013 (`doc/session-api.txt`): exactly eight settings. */
const SESSION_2013: Dialect = { ...SESSION_2017, name: "session-2013", settings: SETTINGS_2013 };

/** The API as documented in 2011 (`doc/session-api.txt`), with every setting implemented. */
const SESSION_2011: Dialect = {
  ...SESSION_2017,
  name: "session-2011",
  settings: SETTINGS_2011,
  bearers: new Map([
    ["ethernet", "ethernet"],
    ["bluetooth", "bluetooth"],
    ["wifi", "wifi"],
    ["wimax", "wimax"],
    ["3g", "cellular"],
  ]),
  bearersOutsideAny: new Set(),
  emptyBearers: "any",
  unknownBearers: "keep",
  reportedBearers: "as given",
  addresses: "when online",
  roaming: "by setting and policy",
  emergency: "setting",
  trafficDuringEmergency: "of caller",
};

/** The behaviour of ConnMan 1.41, documented or not, except where it crashes. */
const CONNMAN_1_41: Dialect = {
  ...SESSION_2017,
  name: "connman-1.41",
  unknownBearers: "refuse",
  bearerOrder: "policy",
  unknownConnectionType: "blank",
  connectionTypeOfPolicy: "kept",
  emptyInterface: "literal",
  contextIdentifier: "lost",
  assignment: "by event",
  localState: "online",
  updates: "per step",
  equalValues: "repeat",
  updateOrder: "by age",
  roaming: "stored",
  emergency: "latest session of policy",
  othersDuringEmergency: "keep",
  callers: "anybody",
  lastUpdate: "always",
  refusals: "connman",
};

/** All dialects by name. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  "session-2017": SESSION_2017,
  "session-2013": SESSION_2013,
  "session-2011": SESSION_2011,
  "connman-1.41": CONNMAN_1_41,
};
