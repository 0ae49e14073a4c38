/**
 * Bus name of the other end of a connection without a message bus. Clients use it as destination, and received calls
 * and signals have it as sender, whatever sender they state.
 */
export const PEER = ":peer.remote";
/** Bus name of this end of a connection without a bus. */
export const LOCAL_PEER = ":peer.local";
