import type { SessionRequest } from "../policy/session-request.ts";

/** Everything except the network that decides which service a session gets. */
export interface AllocationState {
  readonly request: SessionRequest;
  readonly requestKey: string;
  /** Whether the client has called Connect. */
  readonly isActive: boolean;
  /** Whether the session was disconnected by its client or by idle timeout, and no service has come up since. */
  readonly awaitingService: boolean;
  /** Whether AvoidHandover keeps the present service. */
  readonly keptByAvoidHandover: boolean;
  /** Whether the emergency call of another session prevents a service. */
  readonly blockedByEmergencyCall: boolean;
}
