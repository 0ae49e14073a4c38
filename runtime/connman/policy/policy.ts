import type {
  RoamingPolicy,
  ConnectionType as SessionConnectionType,
} from "@dbus-codegen-ts/stubs/net.connman.Session";
import type { Bearer } from "./service.ts";

export type { RoamingPolicy } from "@dbus-codegen-ts/stubs/net.connman.Session";

/** Connection that a session requires: any, a `ready` service (`local`) or an `online` service (`internet`). */
export type ConnectionType = Exclude<SessionConnectionType, "">;

/** Rules of the administrator for the sessions of one application (ConnMan session policy format). */
export interface SessionPolicy {
  /** Bearers that sessions may use, in order of preference. Undefined: the list and order of the client apply. */
  readonly allowedBearers?: readonly (Bearer | "*")[];
  /** Connection type that overrides that of the client, unless it is `any`. */
  readonly connectionType: ConnectionType;
  readonly priority: boolean;
  readonly roamingPolicy: RoamingPolicy;
  /**
   * Whether the application may make emergency calls. If true, an active session of the application restricts all other
   * sessions.
   */
  readonly emergencyCall: boolean;
  /** Whether the application may send packets only over services of its sessions. Requires routing. Default: false. */
  readonly blockWithoutService?: boolean;
  /** Whether only packets of the control group of the application belong to its sessions. Requires routing. Default: false. */
  readonly separateByCgroup?: boolean;
}

/** Credentials of a client, by which the policy for its sessions is found. */
export interface Identity {
  /** Type of the SELinux context, which is the third part of the context. */
  readonly selinux?: string;
  readonly uid?: number;
  /** User name. */
  readonly user?: string;
  /** Groups of the user, the primary group first. */
  readonly groups: readonly { readonly gid: number; readonly name: string }[];
  /** Path of the control group (cgroup v2) of the process, without a slash at its start. Undefined for the root. */
  readonly cgroup?: string;
}

/** A policy with the credential by which it was found. */
export interface MatchedPolicy {
  /** The policy, which remains the same object until the policy changes. */
  readonly policy: SessionPolicy;
  readonly matchedBy: { readonly selinux: string } | { readonly uid: number } | { readonly gid: number };
  /** User and control group of the application, if the policy separates applications by control group. */
  readonly separated?: { readonly uid: number; readonly cgroup: string };
}

/** A set of policies that can change. */
export interface PolicySource {
  /** Returns the policy of an application: the first match of SELinux type, user and groups, in this order. */
  find(identity: Identity): MatchedPolicy | undefined;
  /** Calls `listener` once after each change of the policies. */
  subscribe(listener: () => void): { unsubscribe(): void };
}
