import type { NetworkService } from "../../policy/service.ts";

/** User or group whose traffic belongs to a session; undefined if it does not belong to it as such. */
export type RouteOwner = { readonly uid: number } | { readonly gid: number } | undefined;

/** Routing of the traffic of one session. */
export interface SessionRoute {
  /** Mark of the session in packets and rules, and number of its routing table. Unique, 256 or greater. */
  readonly mark: number;
  readonly owner: RouteOwner;
  /** User of the session's client. Undefined if it is unknown: then SourceIPRule has no effect without an owner. */
  readonly user: number | undefined;
  /** Whether packets of the owner, or without one of the user, from the address of the service belong to the session. */
  readonly sourceIPRule: boolean;
  /** The assigned service. Without it, the traffic of the session is routed like all other traffic. */
  readonly service: NetworkService | undefined;
}

/** Port: routes the traffic of sessions over their services. */
export interface Routing extends AsyncDisposable {
  /** Replaces the routes of all sessions. If calls overlap, the routes of the last call apply. Rejects on failure. */
  apply(routes: readonly SessionRoute[]): Promise<void>;
  /** Removes all routes. */
  close(): Promise<void>;
}
