/** A two-way stream of bytes to the bus. It is authenticated and has received the reply to Hello. */
export interface Transport {
  /** Unique name of this connection, such as `:1.42`. */
  readonly uniqueName: string;
  /** Largest serial that was used during the handshake. */
  readonly lastSerial: number;
  /** Begins to deliver bytes, beginning with those that arrived earlier. Called once. */
  start(receiver: TransportReceiver): void;
  /** Number of written bytes that the kernel has not taken yet. */
  readonly queued: number;
  /** Maximum number of file descriptors that a message can carry. */
  readonly maxDescriptors: number;
  /**
   * Bus name of the other end if it is not a message bus. All received messages then have this sender and no
   * destination.
   */
  readonly peerName?: string;
  /**
   * Whether a message may state file descriptors that have not arrived. If false, such a message ends the connection.
   * Default: false.
   */
  readonly mayLoseDescriptors?: boolean;
  /** Resolves when the kernel has taken all bytes, or the transport is closed. Never rejects. */
  drained(): Promise<void>;
  /**
   * Queues bytes. They must not change until `queued` is 0. Drops them if the transport is closed.
   *
   * @param descriptors - File descriptors of the message that the bytes contain. They must stay open until `queued` is
   * 0.
   */
  write(bytes: Uint8Array, descriptors?: readonly number[]): void;
  /** Sends all queued bytes, and closes when the other end has read them. `onClose` is called afterwards. */
  close(): void;
  /** Closes immediately. `onClose` is called afterwards. */
  destroy(): void;
}

/** Callbacks of a transport. */
export interface TransportReceiver {
  /**
   * Receives bytes, whose memory is reused after the function returns.
   *
   * @param descriptors - File descriptors of a message that starts in these bytes. The receiver must close them.
   */
  onBytes(chunk: Uint8Array, descriptors?: readonly number[]): void;
  /** Called once at the end, with the error that caused it, if any. */
  onClose(error?: Error): void;
}
