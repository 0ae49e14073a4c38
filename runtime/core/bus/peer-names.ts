/**
 * Bus name of the other end of a connection without a bus: the destination of clients, and the sender of its calls and
 * signals, whatever they state.
 */
export const PEER = ":peer.remote";
/** Bus name of this end of a connection without a bus. */
export const LOCAL_PEER = ":peer.local";
