/** A two-way stream of bytes on which messages flow: authenticated, and past the reply to Hello. */
export interface Transport {
  /** Own unique name, such as `:1.42`. */
  readonly uniqueName: string;
  /** Largest serial that was used before this transport was handed over. */
  readonly lastSerial: number;
  /** Begins to deliver. Bytes that came earlier are delivered first. Called once. */
  start(receiver: TransportReceiver): void;
  /** Queues bytes; after the end they are dropped. */
  write(bytes: Uint8Array): void;
  /** Sends what is queued, then closes; `onClose` follows. */
  close(): void;
  /** Closes at once; `onClose` follows. */
  destroy(): void;
}

/** What a transport calls. */
export interface TransportReceiver {
  onBytes(chunk: Uint8Array): void;
  /** Called once, with the reason where it is a fault. */
  onClose(reason?: Error): void;
}
