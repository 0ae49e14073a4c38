import { isDeepStrictEqual } from "node:util";
import { type Bus, DBusError, type Variant } from "@dbus-codegen-ts/runtime";
import { withTimeout } from "@dbus-codegen-ts/runtime/async";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { ConnectionStatus } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ConnectionParameters, ParamSpec } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { DisconnectedError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { Dialect, Root } from "../dialects/dialect.ts";
import { toVariants } from "../protocols/wire-parameters.ts";
import { defaultValue, isConnectionProperty, updateParameters } from "./account-parameters.ts";
import {
  type AccountProperties,
  accountProperties,
  type ChangedProperties,
  changedProperties,
  withoutSecrets,
} from "./account-properties.ts";
import {
  type AccountName,
  type AccountSettings,
  accountPath,
  type Parameters,
  type StoredAccount,
} from "./account-settings.ts";
import {
  type AccountEffect,
  type AccountEvent,
  type AccountState,
  initialState,
  transition,
} from "./account-state-machine.ts";
import { type AccountControl, AccountView } from "./account-view.ts";
import { ConnectionAttempt } from "./connection-attempt.ts";
import { type RetryOptions, retryDelayMs } from "./retry-delay.ts";
import { type AccountPropertyValue, readPresence, settingsChange } from "./writable-properties.ts";

/** Functions of the account manager that an account calls. */
export interface AccountHost {
  readonly bus: Bus;
  /** Dialects in which the account is served. Connection managers of the same dialects are used. */
  readonly dialects: readonly Dialect[];
  readonly retryOptions: RetryOptions;
  /** Throws LimitsExceededError if texts, presences or parameters are too large. */
  checkSize(settings: object, parameters: Parameters): void;
  /** Called with an error for which no caller waits. */
  onError(error: unknown, account: AccountObject): void;
  /** Reads the secrets of an account that could not be read when it was loaded. Rejects with NotAvailableError. */
  readSecrets(name: AccountName): Promise<Parameters>;
  /** Saves an account. Rejects if the store fails. */
  save(account: StoredAccount): Promise<void>;
  /**
   * Reads the declarations of the protocol's parameters. Rejects with NotImplementedError if the connection manager
   * does not support the protocol.
   */
  readParameterSpecs(name: AccountName): Promise<readonly ParamSpec[]>;
  /** Called when `isValid` of an account has changed. */
  validityChanged(account: AccountObject): void;
  /** Removes an account from the store and from the bus. */
  remove(account: AccountObject): Promise<void>;
}

/** Milliseconds after which `close` no longer waits for the connection to end. */
const CLOSE_TIMEOUT_MS = 5_000;

/** An account with its views. Passes events to the state machine and performs the resulting effects. */
export class AccountObject implements AccountControl {
  readonly name: AccountName;
  /** Object path of the account under the canonical root. */
  readonly path: string;
  readonly views: readonly AccountView[];
  readonly #host: AccountHost;
  /** Functions that are called after each event, for `#waitFor`. */
  readonly #observers = new Set<() => void>();
  #state: AccountState;
  #properties: AccountProperties;
  #attempt: ConnectionAttempt | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  /** Changes that clients have requested and whose save has not started. A change takes effect when it is saved. */
  #unsaved: Partial<AccountSettings> = {};
  #saving: Partial<AccountSettings> = {};
  /** The settings that were saved last. */
  #stored: AccountSettings;
  /** Settles when the last requested save has finished; rejects if that save failed. */
  #saved: Promise<void> = Promise.resolve();
  /** Whether a save is queued behind a running save. The queued save stores the newest settings. */
  #isSaveWaiting = false;
  #isRemoving = false;

  constructor(host: AccountHost, { name, settings }: StoredAccount) {
    this.#host = host;
    this.name = name;
    this.path = accountPath(name);
    this.#stored = settings;
    this.#state = initialState(settings);
    this.#properties = accountProperties(this.#state);
    this.views = host.dialects.map((dialect) => new AccountView(dialect, this, this.#properties));
  }

  /** Whether the connection manager accepts the parameters. */
  get isValid(): boolean {
    return this.#state.isValid;
  }

  get settings(): AccountSettings {
    return this.#state.settings;
  }

  /** Handles an event. Signals for changed properties are emitted before this method returns. */
  dispatch(event: AccountEvent): void {
    const { state, effects } = transition(this.#state, event);
    const before = this.#properties;
    this.#state = state;
    this.#properties = accountProperties(state);
    const changes = changedProperties(before, this.#properties);
    this.#announce(changes);
    for (const effect of effects) this.#perform(effect);
    for (const observe of this.#observers) observe();
  }

  /** Emits signals for changed properties. An error of the bus is reported and does not prevent the change. */
  #announce(changes: ChangedProperties): void {
    if (Object.keys(changes).length === 0) return;
    const announced = withoutSecrets(changes, this.#state.settings);
    for (const view of this.views) this.#reportErrors(() => view.propertiesChanged(changes, announced));
    if (changes.valid !== undefined) this.#reportErrors(() => this.#host.validityChanged(this));
  }

  #reportErrors(announce: () => void): void {
    try {
      announce();
    } catch (error) {
      this.#host.onError(error, this);
    }
  }

  /**
   * Brings the account online if necessary. Resolves with the path of its connection when the connection is
   * connected.
   *
   * @throws NotAvailableError if the account is disabled or invalid; DBusError with the cause if it does not
   * connect.
   */
  async bringOnline(): Promise<string> {
    this.dispatch({ kind: "channelRequested" });
    return this.#waitFor(({ connection, status, settings, isValid, errorName, errorDetails }) => {
      if (connection.phase === "open" && status === ConnectionStatus.Connected) return connection.path;
      if (!settings.enabled || !isValid) throw new NotAvailableError("the account is disabled or not valid");
      if (connection.phase !== "none" && connection.phase !== "waitingToRetry") return undefined;
      throw new DBusError(errorName || DisconnectedError.errorName, errorDetails.debugMessage ?? "not connected");
    });
  }

  /**
   * Disconnects the account permanently. Resolves when the connection is gone, or after a timeout, and the settings
   * are saved.
   */
  async close(): Promise<void> {
    this.dispatch({ kind: "closed" });
    const gone = this.#waitFor(({ connection }) => (connection.phase === "none" ? true : undefined));
    await withTimeout(gone, CLOSE_TIMEOUT_MS).catch(() => undefined);
    await this.#saved.catch(() => undefined);
  }

  async remove(): Promise<void> {
    // A save after the removal would store the account a second time.
    this.#isRemoving = true;
    try {
      await this.#saved.catch(() => undefined);
      await this.#host.remove(this);
    } catch (error) {
      this.#isRemoving = false;
      this.#save();
      throw error;
    }
  }

  /** Adds the values of secrets that could not be read before. */
  secretsRead(read: Parameters): void {
    const { secrets, unreadSecrets } = this.#state.settings;
    const names = unreadSecrets.filter((name) => read.has(name));
    if (names.length === 0) return;
    const added = [...read].filter(([name]) => names.includes(name));
    const remaining = unreadSecrets.filter((name) => !names.includes(name));
    const changes = { secrets: new Map([...secrets, ...added]), unreadSecrets: remaining };
    this.dispatch({ kind: "settingsChanged", changes });
  }

  reconnect(): void {
    this.dispatch({ kind: "reconnectRequested" });
  }

  async updateParameters(set: ConnectionParameters, unset: readonly string[]): Promise<readonly string[]> {
    const given = toVariants(set);
    this.#host.checkSize({}, given);
    const specs = await this.#host.readParameterSpecs(this.name);
    const { changed, ...updated } = updateParameters(specs, this.#nextSettings, given, unset);
    const { parameters, secrets } = updated;
    this.#host.checkSize({}, new Map([...parameters, ...secrets]));
    const { phase } = this.#state.connection;
    const hasConnection = phase !== "none" && phase !== "waitingToRetry";
    await this.#saveAndApply(updated);
    // Updated parameters are complete; otherwise the update would have been rejected.
    this.dispatch({ kind: "validityChecked", isValid: true });
    if (!hasConnection) return [];
    const values = new Map([...parameters, ...secrets]);
    const applied = await Promise.all(changed.map((name) => this.#applyParameter(specs, name, values.get(name))));
    return changed.filter((_, index) => applied[index] !== true);
  }

  /**
   * Sets a property for a client. Resolves when the value is saved; rejects if the value is invalid or cannot be
   * saved.
   */
  async setProperty(key: keyof AccountProperties, value: AccountPropertyValue): Promise<void> {
    this.#host.checkSize({ value }, new Map());
    if (key === "requestedPresence") this.dispatch({ kind: "presenceRequested", presence: readPresence(value) });
    else await this.#saveAndApply(settingsChange(key, value));
  }

  connectionPathIn(root: Root, path: string): string {
    return path === "/" ? path : (this.#attempt?.pathIn(root) ?? "/");
  }

  /** The settings after all pending changes by clients are saved. */
  get #nextSettings(): AccountSettings {
    const changes = { ...this.#saving, ...this.#unsaved };
    return Object.keys(changes).length === 0 ? this.#state.settings : { ...this.#state.settings, ...changes };
  }

  /** Saves changes by a client, then applies them. If they cannot be saved, rejects and changes nothing. */
  async #saveAndApply(changes: Partial<AccountSettings>): Promise<void> {
    const before = this.#nextSettings;
    const isPending = before !== this.#state.settings;
    if (!isDeepStrictEqual(before, { ...before, ...changes })) {
      this.#unsaved = { ...this.#unsaved, ...changes };
      this.#save();
    } else if (!isPending) return;
    await this.#saved;
  }

  #perform(effect: AccountEffect): void {
    switch (effect.kind) {
      case "requestConnection":
        this.#requestConnection(effect.attempt);
        return;
      case "disconnect":
        void this.#attempt?.disconnect();
        return;
      case "setPresence":
        void this.#attempt?.setPresence(effect.presence);
        return;
      case "setAlias":
        void this.#attempt?.setAlias(effect.alias);
        return;
      case "scheduleRetry": {
        const delay = retryDelayMs(effect.failures, this.#host.retryOptions);
        this.#retryTimer = setTimeout(() => this.dispatch({ kind: "retryDue" }), delay);
        this.#retryTimer.unref();
        return;
      }
      case "cancelRetry":
        clearTimeout(this.#retryTimer);
        return;
      case "saveSettings":
        this.#save();
    }
  }

  #requestConnection(attempt: number): void {
    const { connection } = this.#state.settings;
    const roots = this.#host.dialects.map(({ root }) => root);
    this.#attempt = new ConnectionAttempt(this.#host.bus, roots, attempt, (event) => this.dispatch(event));
    const readPresence = (): Presence => this.#state.requestedPresence;
    void this.#attempt.start(this.name, () => this.#readParameters(), readPresence, connection);
  }

  /** Returns all parameters, including secrets. Rejects with NotAvailableError if a secret cannot be read. */
  async #readParameters(): Promise<Parameters> {
    if (this.#state.settings.unreadSecrets.length > 0) this.secretsRead(await this.#host.readSecrets(this.name));
    const { parameters, secrets, unreadSecrets } = this.#state.settings;
    if (unreadSecrets.length > 0) throw new NotAvailableError("a secret of the account cannot be read");
    return new Map([...parameters, ...secrets]);
  }

  /** Saves the settings after the running save, if there is one. Does nothing if a save is queued already. */
  #save(): void {
    if (this.#isSaveWaiting || this.#isRemoving) return;
    this.#isSaveWaiting = true;
    const earlier = this.#saved.catch(() => undefined);
    const saved = earlier.then(async () => {
      this.#isSaveWaiting = false;
      if (!this.#isRemoving) await this.#saveNow();
    });
    this.#saved = saved.catch((error: unknown) => {
      throw new NotAvailableError("the account could not be stored", { cause: error });
    });
    // The host has reported the error, and callers that await `#saved` receive it.
    this.#saved.catch(() => undefined);
  }

  async #saveNow(): Promise<void> {
    const changes = this.#unsaved;
    const settings = { ...this.#state.settings, ...changes };
    this.#unsaved = {};
    if (!isDeepStrictEqual(settings, this.#stored)) {
      this.#saving = changes;
      try {
        await this.#host.save({ name: this.name, settings });
      } finally {
        this.#saving = {};
      }
      this.#stored = settings;
    }
    if (Object.keys(changes).length > 0) this.dispatch({ kind: "settingsChanged", changes });
  }

  /**
   * Sets the property of the connection that corresponds to a changed parameter. Resolves with whether the
   * connection accepted the value.
   */
  async #applyParameter(specs: readonly ParamSpec[], name: string, value: Variant | undefined): Promise<boolean> {
    const spec = specs.find((candidate) => candidate.name === name);
    if (spec === undefined || !isConnectionProperty(spec) || this.#attempt === undefined) return false;
    const newValue = value ?? defaultValue(spec);
    if (newValue === undefined) return false;
    return this.#attempt.setProperty(name, newValue).then(
      () => true,
      () => false,
    );
  }

  /** Calls `read` with the state, now and after each event, until `read` returns a result or throws. */
  #waitFor<T>(read: (state: AccountState) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const observe = (): void => {
        try {
          const result = read(this.#state);
          if (result === undefined) return;
          resolve(result);
        } catch (error) {
          reject(error);
        }
        this.#observers.delete(observe);
      };
      this.#observers.add(observe);
      observe();
    });
  }
}
