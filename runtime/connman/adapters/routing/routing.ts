import type { NetworkService } from "../../policy/service.ts";

/**
 * The processes whose traffic belongs to a session: those of a user, of a group, or of a user in a control group
 * (cgroup v2).
 */
export type TrafficOwner =
  | { readonly uid: number }
  | { readonly gid: number }
  | {
      readonly uid: number;
      /**
       * Path of the control group below the root of the hierarchy, such as `user.slice/user-1000.slice/mail.service`.
       */
      readonly cgroup: string;
    };

/** The processes whose traffic belongs to a session; undefined if traffic is not selected by process. */
export type RouteOwner = TrafficOwner | undefined;

/** Routing of the traffic of one session. */
export interface SessionRoute {
  /** Mark of the session in packets and rules, and number of its routing table. Unique, 256 or greater. */
  readonly mark: number;
  readonly owner: RouteOwner;
  /**
   * User of the session's client; undefined if it is unknown. SourceIPRule has no effect if both user and owner are
   * undefined.
   */
  readonly user: number | undefined;
  /**
   * Whether packets from the address of the service belong to the session: packets of the owner or, without an owner,
   * of the user.
   */
  readonly sourceIPRule: boolean;
  /** The assigned service. If undefined, the traffic of the session is routed like all other traffic, or blocked. */
  readonly service: NetworkService | undefined;
  /** Whether the owner may send packets only over services of its sessions. Default: false. */
  readonly blocksWithoutService?: boolean;
  /**
   * Whether the session makes an emergency call that blocks other traffic. During the call, only its owner (or its
   * user, if it has no owner) may send packets. Default: false.
   */
  readonly isEmergencyCall?: boolean;
}

/** Port: routes the traffic of sessions over their services. */
export interface Routing extends AsyncDisposable {
  /** Replaces the routes of all sessions. If calls overlap, the routes of the last call apply. Rejects on failure. */
  apply(routes: readonly SessionRoute[]): Promise<void>;
  /** Removes all routes. The routing cannot be used after that. */
  close(): Promise<void>;
}
