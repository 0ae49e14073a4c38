/**
 * Why a message that came was not used: a reply that nobody waits for any more; a reply of somebody else than was called;
 * a signal with other types than the contract declares; a signal of somebody else than the owner of the name; a signal
 * that nobody listens to; a call that was refused, and whose caller wants no answer.
 */
export type DropReason =
  | "lateReply"
  | "forgedReply"
  | "wrongSignature"
  | "foreignSignal"
  | "unheardSignal"
  | "refusedCall";

/** What a connection has done since it was made, reconnects included. Numbers only grow. */
export interface Counters {
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Calls that were sent and wait, or waited, for a reply; those to the bus itself included. */
  readonly calls: number;
  /** Calls that were answered by an error, or by something other than the contract declares. */
  readonly errors: number;
  /** Calls that had no reply within their time. */
  readonly timeouts: number;
  /** How often a lost connection was made and set up again. */
  readonly reconnects: number;
  /** Messages that came and were not used. */
  readonly drops: Readonly<Record<DropReason, number>>;
}

/** Counters as they are counted: plain fields, so that counting costs next to nothing. */
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
  };
}
