import type { SessionRequest } from "../policy/session-request.ts";

/** Everything that decides which service a session gets, except the network. */
export interface AllocationState {
  readonly request: SessionRequest;
  readonly requestKey: string;
  /** Whether the client has called Connect, and not Disconnect since. */
  readonly isActive: boolean;
  /** Whether the session was disconnected by its client or by idle timeout, and no service has come up since. */
  readonly awaitingService: boolean;
  /** Whether AvoidHandover prevents the session from changing to a better service. */
  readonly keptByAvoidHandover: boolean;
  /** Whether the emergency call of another session prevents this session from having a service. */
  readonly blockedByEmergencyCall: boolean;
}
