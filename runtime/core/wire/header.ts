/** Message types (D-Bus specification, "Message Format"). Others may come and are ignored. */
export const MessageType = { MethodCall: 1, MethodReturn: 2, Error: 3, Signal: 4 } as const;
/** Message flags, to be combined by `|`. */
export const MessageFlag = { NoReplyExpected: 1, NoAutoStart: 2, AllowInteractiveAuthorization: 4 } as const;

/** The header of a message, without the signature and lengths that follow from its body. */
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
  /** How many file descriptors come along. */
  readonly unixFds?: number | undefined;
}
