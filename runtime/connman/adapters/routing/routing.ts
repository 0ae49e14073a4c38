import type { NetworkService } from "../../policy/service.ts";

/** Whose traffic a route is for: that of a user, a group, or nobody's as such. */
export type RouteOwner = { readonly uid: number } | { readonly gid: number } | undefined;

/** How the traffic of one session is to go. */
export interface SessionRoute {
  /** Names the session in packets and rules; also the number of its routing table. Unique, from 256. */
  readonly mark: number;
  readonly owner: RouteOwner;
  /** Whether packets from the address of the service belong to the session. */
  readonly sourceIPRule: boolean;
  /** The service that the session is assigned to; without one its traffic takes the way of all other traffic. */
  readonly service: NetworkService | undefined;
}

/** Leads the traffic of sessions over their services. */
export interface Routing extends AsyncDisposable {
  /** Makes the rules of the system those of these sessions, and no others. The last call wins; a failure rejects. */
  apply(routes: readonly SessionRoute[]): Promise<void>;
  /** Removes everything. */
  close(): Promise<void>;
}
