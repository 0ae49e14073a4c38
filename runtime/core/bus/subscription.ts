/** What receives signals or news until closed. */
export interface Subscription extends AsyncDisposable {
  /** Ends it; resolves when the bus no longer sends what was asked for, where nobody else listens. Again does nothing. */
  close(): Promise<void>;
}
