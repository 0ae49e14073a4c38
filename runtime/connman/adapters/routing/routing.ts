import type { NetworkService } from "../../policy/service.ts";

/** Processes whose traffic belongs to a session: of a user, of a group, or of a user in a control group (cgroup v2). */
export type TrafficOwner =
  | { readonly uid: number }
  | { readonly gid: number }
  | {
      readonly uid: number;
      /** Path below the root of the hierarchy, such as `user.slice/user-1000.slice/mail.service`. */
      readonly cgroup: string;
    };

/** Processes whose traffic belongs to a session; undefined if no traffic belongs to it as such. */
export type RouteOwner = TrafficOwner | undefined;

/** Routing of the traffic of one session. */
export interface SessionRoute {
  /** Mark of the session in packets and rules, and number of its routing table. Unique, 256 or greater. */
  readonly mark: number;
  readonly owner: RouteOwner;
  /** User of the session's client. Undefined if it is unknown: then SourceIPRule has no effect without an owner. */
  readonly user: number | undefined;
  /** Whether packets of the owner, or without one of the user, from the address of the service belong to the session. */
  readonly sourceIPRule: boolean;
  /** The assigned service. Without it, the traffic of the session is routed like all other traffic, or blocked. */
  readonly service: NetworkService | undefined;
  /** Whether the owner may send packets only over services of its sessions. Default: false. */
  readonly blocksWithoutService?: boolean;
  /** Whether only the session, and its owner or without one its user, may send packets: an emergency call. Default: false. */
  readonly isEmergencyCall?: boolean;
}

/** Port: routes the traffic of sessions over their services. */
export interface Routing extends AsyncDisposable {
  /** Replaces the routes of all sessions. If calls overlap, the routes of the last call apply. Rejects on failure. */
  apply(routes: readonly SessionRoute[]): Promise<void>;
  /** Removes all routes. */
  close(): Promise<void>;
}
