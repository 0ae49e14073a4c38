import { type Bus, DBusError, type Incoming, type Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { type AccountProperties, AccountService } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { ConnectionStatus } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ConnectionParameters, ParamSpec } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { DisconnectedError, InvalidArgumentError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { within } from "../connection/within.ts";
import { variantsOf } from "../protocols/wire-parameters.ts";
import { defaultOf, isLive, updateParameters } from "./account-parameters.ts";
import { assignValues, changesBetween, viewOf } from "./account-properties.ts";
import {
  type AccountName,
  type AccountSettings,
  isRequestable,
  pathOfAccount,
  type StoredAccount,
} from "./account-settings.ts";
import {
  type AccountEffect,
  type AccountEvent,
  type AccountState,
  initialState,
  step,
} from "./account-state-machine.ts";
import { AccountLink } from "./connection-attempt.ts";
import { type RetryOptions, retryDelay } from "./retry-delay.ts";

/** What an account needs of its manager. */
export interface AccountHost {
  readonly bus: Bus;
  readonly retry: RetryOptions;
  /** Keeps what is stored of an account; rejects when it could not be. */
  save(account: StoredAccount): Promise<void>;
  /** What a protocol takes. Rejects with NotImplementedError where nobody speaks it. */
  specsOf(name: AccountName): Promise<readonly ParamSpec[]>;
  /** The account has become usable, or is not any more. */
  validityChanged(account: AccountObject): void;
  /** Forgets an account for good. */
  remove(account: AccountObject): Promise<void>;
}

/** Milliseconds that a connection has to go when its account does. */
const PARTING = 5_000;

/** Serves one account: passes what happens to the state machine, and does what that says. */
export class AccountObject extends AccountService {
  readonly name: AccountName;
  readonly path: string;
  readonly #host: AccountHost;
  readonly #waiting = new Set<() => void>();
  #state: AccountState;
  #view: AccountProperties;
  #link: AccountLink | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saved: Promise<void> = Promise.resolve();

  constructor(host: AccountHost, { name, settings }: StoredAccount) {
    const state = initialState(settings);
    const view = viewOf(state);
    super(view);
    this.#host = host;
    this.name = name;
    this.path = pathOfAccount(name);
    this.#state = state;
    this.#view = view;
  }

  get valid(): boolean {
    return this.#state.valid;
  }

  /** What a store keeps of it. */
  get settings(): AccountSettings {
    return this.#state.settings;
  }

  /** Takes what happens; what changes by it is announced before this returns. */
  dispatch(event: AccountEvent): void {
    const { state, effects } = step(this.#state, event);
    const before = this.#view;
    this.#state = state;
    this.#view = viewOf(state);
    const changes = changesBetween(before, this.#view);
    assignValues(changes, this.properties);
    if (Object.keys(changes).length > 0) this.signals.accountPropertyChanged(changes);
    if (changes.valid !== undefined) this.#host.validityChanged(this);
    for (const effect of effects) this.#run(effect);
    for (const check of this.#waiting) check();
  }

  /**
   * Brings the account online, where it is not, and resolves with the path of its connection once that is connected.
   *
   * @throws NotAvailableError when the account is disabled or invalid; DBusError that says why it did not connect.
   */
  async online(): Promise<string> {
    this.dispatch({ kind: "channelRequested" });
    return this.#settled((state) => {
      const { link, status, settings, valid } = state;
      if (link.phase === "open" && status === ConnectionStatus.Connected) return link.path;
      if (!settings.enabled || !valid) throw new NotAvailableError("the account is disabled or not valid");
      if (link.phase !== "none" && link.phase !== "waiting") return undefined;
      throw new DBusError(state.error || DisconnectedError.errorName, state.details.debugMessage ?? "not connected");
    });
  }

  /** Gives up the connection for good, and resolves when it is gone, or does not go in time. */
  async close(): Promise<void> {
    this.dispatch({ kind: "closed" });
    const gone = this.#settled(({ link }) => (link.phase === "none" ? true : undefined));
    await within(PARTING, gone).catch(() => undefined);
    await this.#saved.catch(() => undefined);
  }

  remove(): Promise<void> {
    return this.#host.remove(this);
  }

  reconnect(): void {
    this.dispatch({ kind: "reconnectWanted" });
  }

  async updateParameters(set: ConnectionParameters, unset: readonly string[]): Promise<readonly string[]> {
    const specs = await this.#host.specsOf(this.name);
    const { parameters, secrets, changed } = updateParameters(specs, this.#state.settings, variantsOf(set), unset);
    const hasLink = this.#state.link.phase !== "none" && this.#state.link.phase !== "waiting";
    await this.#stored({ kind: "edited", changes: { parameters, secrets } });
    // What was missing has been added, or the parameters would have been refused.
    this.dispatch({ kind: "validated", valid: true });
    if (!hasLink) return [];
    const live = new Map([...parameters, ...secrets]);
    const applied = await Promise.all(changed.map((name) => this.#apply(specs, name, live.get(name))));
    return changed.filter((_, index) => applied[index] !== true);
  }

  protected override async $beforeSet(
    key: keyof AccountProperties,
    value: AccountProperties[keyof AccountProperties],
    _incoming: Incoming,
  ): Promise<void> {
    if (key === "requestedPresence") this.dispatch({ kind: "presenceRequested", presence: presenceOf(value) });
    else await this.#stored({ kind: "edited", changes: changesOf(key, value) });
  }

  /** Takes what happens, and resolves when what changed of the settings is stored. */
  async #stored(event: AccountEvent): Promise<void> {
    const before = this.#saved;
    this.dispatch(event);
    if (this.#saved !== before) await this.#saved;
  }

  #run(effect: AccountEffect): void {
    switch (effect.kind) {
      case "request":
        this.#request(effect.attempt);
        return;
      case "disconnect":
        void this.#link?.disconnect();
        return;
      case "wait":
        this.#timer = setTimeout(() => this.dispatch({ kind: "retryDue" }), this.#delay(effect.failures));
        this.#timer.unref();
        return;
      case "stopWaiting":
        clearTimeout(this.#timer);
        return;
      case "store":
        this.#store(this.#state.settings);
    }
  }

  #request(attempt: number): void {
    const { parameters, secrets, connection } = this.#state.settings;
    this.#link = new AccountLink(this.#host.bus, attempt, (event) => this.dispatch(event));
    void this.#link.open(this.name, new Map([...parameters, ...secrets]), connection);
  }

  #delay(failures: number): number {
    return retryDelay(failures, this.#host.retry);
  }

  #store(settings: AccountSettings): void {
    const saved = this.#host.save({ name: this.name, settings }).catch((error: unknown) => {
      throw new NotAvailableError("the account could not be stored", { cause: error });
    });
    this.#saved = saved;
    // The host has been told; whoever waits for it hears of it too.
    saved.catch(() => undefined);
  }

  /** Whether a change of a parameter has reached the connection. */
  async #apply(specs: readonly ParamSpec[], name: string, value: Variant | undefined): Promise<boolean> {
    const spec = specs.find((one) => one.name === name);
    if (spec === undefined || !isLive(spec) || this.#link === undefined) return false;
    const wanted = value ?? defaultOf(spec);
    if (wanted === undefined) return false;
    return this.#link.setProperty(name, wanted).then(
      () => true,
      () => false,
    );
  }

  /** Resolves with the first result that is one, now or after something has happened; rejects with what is thrown. */
  #settled<T>(read: (state: AccountState) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        try {
          const result = read(this.#state);
          if (result === undefined) return;
          resolve(result);
        } catch (error) {
          reject(error);
        }
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }
}

type AccountValue = AccountProperties[keyof AccountProperties];

/** What a set property changes. Throws InvalidArgumentError for a value that it cannot have. */
function changesOf(key: keyof AccountProperties, value: AccountValue): Partial<AccountSettings> {
  switch (key) {
    case "displayName":
    case "icon":
    case "nickname":
      return { [key]: textOf(value) };
    case "service":
      return { service: serviceOf(textOf(value)) };
    case "enabled":
    case "connectAutomatically":
      return { [key]: value === true };
    case "automaticPresence":
      return { automaticPresence: automaticPresenceOf(presenceOf(value)) };
    default:
      throw new InvalidArgumentError(`${key} cannot be set`);
  }
}

/** Throws InvalidArgumentError for a presence that nobody can take on their own. */
export function automaticPresenceOf(presence: Presence): Presence {
  if (requestablePresence(presence).type !== ConnectionPresenceType.Offline) return presence;
  throw new InvalidArgumentError("nobody goes online by being offline");
}

/** Throws InvalidArgumentError for a presence that only others can be in, or that is not known. */
export function requestablePresence(presence: Presence): Presence {
  if (isRequestable(presence.type)) return presence;
  throw new InvalidArgumentError(`presence type ${presence.type} cannot be requested`);
}

/** Throws InvalidArgumentError for what is no brand of a service. */
export function serviceOf(text: string): string {
  if (text === "" || /^[A-Za-z][A-Za-z0-9-]*$/.test(text)) return text;
  throw new InvalidArgumentError(`${JSON.stringify(text)} is not the name of a service`);
}

function presenceOf(value: AccountValue): Presence {
  if (typeof value === "object" && "statusMessage" in value) return requestablePresence(value);
  throw new InvalidArgumentError("not a presence");
}

function textOf(value: AccountValue): string {
  return typeof value === "string" ? value : "";
}
