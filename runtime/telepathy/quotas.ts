/** Limits of one connection to an IRC server, which is not trusted. */
export const IRC_LIMITS = {
  /** Length of a received line in bytes; longer lines are dropped. RFC 1459 allows 512. */
  lineBytes: 4096,
  /** Bytes that wait until the server reads. Beyond this limit the connection ends. */
  outgoingBytes: 64 * 1024,
  /** Least time between two reported changes of the user's nickname. Of the changes between, the last is reported. */
  nickChangeIntervalMs: 1000,
} as const;
