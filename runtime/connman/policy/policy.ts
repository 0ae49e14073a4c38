import type { Bearer } from "./service.ts";

/** What kind of connection a session asks for: either, one that is ready, or one that reaches the internet. */
export type ConnectionType = "any" | "local" | "internet";

/** Where a session may use a roaming network. */
export type RoamingPolicy = "national" | "international" | "default" | "always" | "forbidden";

/** What the administrator has decided for the sessions of an application. */
export interface SessionPolicy {
  /** The bearers it may use, in this order whatever the application says; undefined for the application's own list. */
  readonly allowedBearers?: readonly (Bearer | "*")[];
  /** Forced upon the application, except `any`. */
  readonly connectionType: ConnectionType;
  readonly priority: boolean;
  readonly roamingPolicy: RoamingPolicy;
  /** The application makes emergency calls: while its session is active, others wait. */
  readonly emergencyCall: boolean;
}

/** Who owns a session, as far as the system knows: what policies are looked up by. */
export interface Identity {
  /** Type of the SELinux context, its third part. */
  readonly selinux?: string;
  readonly uid?: number;
  /** Name of the user. */
  readonly user?: string;
  /** Names of the user's groups, the primary one first, with their numbers. */
  readonly groups: readonly { readonly gid: number; readonly name: string }[];
}

/** A policy, and by which part of the identity it was found. */
export interface MatchedPolicy {
  /** Stays the same object as long as the policy does. */
  readonly policy: SessionPolicy;
  readonly by: { readonly selinux: string } | { readonly uid: number } | { readonly gid: number };
}

/** The policies there are. */
export interface PolicySource {
  /** The policy of an application: by SELinux type, then user, then each group; the first found. */
  find(identity: Identity): MatchedPolicy | undefined;
  /** Tells after the policies have changed, once for each change as a whole. */
  subscribe(listener: () => void): { unsubscribe(): void };
}
