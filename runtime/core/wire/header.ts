/** Message types (D-Bus specification, "Message Format"). Messages of any other type are ignored. */
export const MessageType = { MethodCall: 1, MethodReturn: 2, Error: 3, Signal: 4 } as const;
/** Message flags, combined with `|` (D-Bus specification, "Message Format"). */
export const MessageFlag = { NoReplyExpected: 1, NoAutoStart: 2, AllowInteractiveAuthorization: 4 } as const;

/** The header of a message without signature and lengths, which are determined by the body. */
export interface Header {
  readonly type: number;
  readonly flags: number;
  readonly serial: number;
  readonly path?: string | undefined;
  readonly interface?: string | undefined;
  readonly member?: string | undefined;
  readonly errorName?: string | undefined;
  readonly replySerial?: number | undefined;
  readonly destination?: string | undefined;
  readonly sender?: string | undefined;
  /** Number of file descriptors that the message carries. */
  readonly unixFds?: number | undefined;
}
