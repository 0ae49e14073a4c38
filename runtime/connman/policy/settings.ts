import type { ConnectionType, RoamingPolicy } from "./policy.ts";
import type { IPv4, IPv6 } from "./service.ts";

/** How far a session is connected. */
export type SessionState = "disconnected" | "connected" | "online";

/** Every setting of every dialect; each dialect has some of them. */
export interface AllSettings {
  readonly state: SessionState;
  readonly online: boolean;
  readonly name: string;
  readonly ipv4: IPv4;
  readonly ipv6: IPv6;
  readonly interface: string;
  /** Name of the bearer in the dialect; empty without a service. */
  readonly bearer: string;
  /** Empty where a client gave a value that is none, and the dialect keeps that. */
  readonly connectionType: ConnectionType | "";
  readonly allowedBearers: readonly string[];
  /** `*` for any. */
  readonly allowedInterface: string;
  readonly contextIdentifier: string;
  readonly sourceIPRule: boolean;
  readonly priority: boolean;
  readonly avoidHandover: boolean;
  readonly stayConnected: boolean;
  /** Minutes between attempts to connect; 0 for none. */
  readonly periodicConnect: number;
  /** Seconds without traffic after which to disconnect; 0 for never. */
  readonly idleTimeout: number;
  readonly emergencyCall: boolean;
  readonly roamingPolicy: RoamingPolicy;
  readonly sessionMarker: number;
}

export type SettingName = keyof AllSettings;

/** Some settings of a session: all of them in its first Update, those that changed in later ones. */
export type Settings = Partial<AllSettings>;

/** Names of the settings on the wire. */
export const WIRE_NAMES: Readonly<Record<SettingName, string>> = {
  state: "State",
  online: "Online",
  name: "Name",
  ipv4: "IPv4",
  ipv6: "IPv6",
  interface: "Interface",
  bearer: "Bearer",
  connectionType: "ConnectionType",
  allowedBearers: "AllowedBearers",
  allowedInterface: "AllowedInterface",
  contextIdentifier: "ContextIdentifier",
  sourceIPRule: "SourceIPRule",
  priority: "Priority",
  avoidHandover: "AvoidHandover",
  stayConnected: "StayConnected",
  periodicConnect: "PeriodicConnect",
  idleTimeout: "IdleTimeout",
  emergencyCall: "EmergencyCall",
  roamingPolicy: "RoamingPolicy",
  sessionMarker: "SessionMarker",
};
