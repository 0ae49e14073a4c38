/** A two-way stream of bytes on which messages flow: authenticated, and past the reply to Hello. */
export interface Transport {
  /** Own unique name, such as `:1.42`. */
  readonly uniqueName: string;
  /** Largest serial that was used before this transport was handed over. */
  readonly lastSerial: number;
  /** Begins to deliver. Bytes that came earlier are delivered first. Called once. */
  start(receiver: TransportReceiver): void;
  /** How many bytes were written and the kernel has not taken yet. */
  readonly queued: number;
  /** How many file descriptors a message can bring along. */
  readonly maxDescriptors: number;
  /** Resolves when the kernel has taken all bytes, or the transport is closed. Never rejects. */
  drained(): Promise<void>;
  /**
   * Queues bytes, which must not change until `queued` is 0 again; after the end they are dropped.
   *
   * @param descriptors - File descriptors that go with the message that the bytes are. They must stay open as long.
   */
  write(bytes: Uint8Array, descriptors?: readonly number[]): void;
  /** Sends what is queued, then closes; `onClose` follows. */
  close(): void;
  /** Closes at once; `onClose` follows. */
  destroy(): void;
}

/** What a transport calls. */
export interface TransportReceiver {
  /**
   * Takes bytes; their memory is used again when it returns.
   *
   * @param descriptors - File descriptors that came with a message that starts there; they are the receiver's.
   */
  onBytes(chunk: Uint8Array, descriptors?: readonly number[]): void;
  /** Called once, with the reason where it is a fault. */
  onClose(reason?: Error): void;
}
