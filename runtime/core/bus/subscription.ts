/** A subscription to signals or changes, until closed. */
export interface Subscription extends AsyncDisposable {
  /** Ends the subscription. Resolves when its match rule is removed, if it was the last use. Repeated calls have no effect. */
  close(): Promise<void>;
}
