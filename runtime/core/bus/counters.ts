/**
 * The reason why a received message was not used.
 *
 * - `lateReply`: a reply to a call that is not pending any more.
 * - `forgedReply`: a reply from another sender than the called connection.
 * - `wrongSignature`: a signal whose types differ from the contract.
 * - `foreignSignal`: a signal from another sender than the owner of the name.
 * - `unheardSignal`: a signal without a listener.
 * - `refusedCall`: a refused call whose caller does not expect a reply.
 * - `overQuota`: a signal above a quota.
 * - `malformedBody`: a signal whose body does not match its signature.
 */
export type DropReason =
  | "lateReply"
  | "forgedReply"
  | "wrongSignature"
  | "foreignSignal"
  | "unheardSignal"
  | "refusedCall"
  | "overQuota"
  | "malformedBody";

/** Numbers that a connection has counted since it was created, including all reconnects. They never decrease. */
export interface Counters {
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Calls that expect a reply, including those to the bus itself. */
  readonly calls: number;
  /** Calls whose reply was an error or differed from the contract. */
  readonly errors: number;
  /** Calls that had no reply before their timeout. */
  readonly timeouts: number;
  /** Successful reconnects. */
  readonly reconnects: number;
  /** Received messages that were not used, by reason. */
  readonly drops: Readonly<Record<DropReason, number>>;
}

/** Mutable counters, as plain fields for speed. */
export class BusCounters implements Counters {
  messagesIn = 0;
  messagesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  calls = 0;
  errors = 0;
  timeouts = 0;
  reconnects = 0;
  readonly drops: Record<DropReason, number> = {
    lateReply: 0,
    forgedReply: 0,
    wrongSignature: 0,
    foreignSignal: 0,
    unheardSignal: 0,
    refusedCall: 0,
    overQuota: 0,
    malformedBody: 0,
  };
}
