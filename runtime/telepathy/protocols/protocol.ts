import type { MaybePromise, Variant } from "@dbus-codegen-ts/runtime";
import type {
  ConnectionErrorDetails,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";

/** D-Bus types that a parameter may have. */
export type ParameterSignature = "s" | "o" | "b" | "y" | "n" | "q" | "i" | "u" | "x" | "t" | "d" | "as" | "ay";

/** A parameter's value: a bigint for `x` and `t`, a number for all other numeric types. */
export type ParameterValue = string | number | bigint | boolean | readonly string[] | Uint8Array;

/** A parameter that a protocol takes. */
export interface ParameterSpec {
  /** A well-known name such as `account`, `server` or `password` where there is one. */
  readonly name: string;
  readonly signature: ParameterSignature;
  /** `Required`, `Register`, `Secret`, `DBusProperty`; none by default. `HasDefault` follows from `defaultValue`. */
  readonly flags?: ConnMgrParamFlags;
  /** What leaving the parameter out means. */
  readonly defaultValue?: ParameterValue;
}

/** Parameters of one account, after they were checked against the specs of the protocol, with defaults filled in. */
export interface ParameterValues {
  /** The value as its spec declares it; undefined where none was given and there is no default. */
  get(name: string): ParameterValue | undefined;
  /** A value of type `s` or `o`; undefined for any other. */
  text(name: string): string | undefined;
  /** A value of a numeric type other than `x` and `t`; undefined for any other. */
  number(name: string): number | undefined;
  /** Whether a value of type `b` is true. */
  flag(name: string): boolean;
}

/**
 * A protocol that a connection manager speaks. This is what protocol code implements, and it knows nothing of D-Bus:
 * errors are those of `im.telepathy1.Error`, and reach the caller as they are thrown.
 */
export interface Protocol {
  /** Such as `irc` or `local-xmpp`: ASCII letters, digits and hyphens, beginning with a letter. */
  readonly name: string;
  /** Name for people, such as `IRC`; empty for none. */
  readonly englishName: string;
  /** Name of an icon, such as `im-irc`; empty for none. */
  readonly icon: string;
  /** Field for identifiers in a vCard, such as `x-irc`; empty for none. */
  readonly vCardField: string;
  /** Every parameter that `open` understands; others are refused before it is called. */
  readonly parameters: readonly ParameterSpec[];

  /**
   * Text that tells accounts apart: equal for two sets of parameters exactly if they may not be connected both at once.
   *
   * @throws InvalidArgumentError when the parameters name no account.
   */
  identifyAccount(parameters: ParameterValues): string;

  /**
   * The normal form of a contact's identifier, as good as it can be known without a server.
   *
   * @throws InvalidHandleError when no contact can have this identifier.
   */
  normalizeContact(identifier: string): string;

  /**
   * Makes a connection. Nothing goes over the network before its `connect`.
   *
   * @param host - Whom the connection tells what happens. Nothing may be told before `connect`.
   * @throws InvalidArgumentError when the parameters do not fit together.
   */
  open(parameters: ParameterValues, host: ConnectionHost): ProtocolConnection;
}

/** One connection of one account, from `open` until it has told `disconnected` or was asked to `disconnect`. */
export interface ProtocolConnection {
  /** What can have a handle here: `Contact` always, `Room` where the protocol has rooms. */
  readonly handleTypes: readonly HandleType[];
  /** Tokens that `interested` understands; interest in others is ignored before it gets here. */
  readonly interests: readonly string[];
  /** Interfaces whose attributes `contactAttributes` delivers, other than `im.telepathy1.Connection`. */
  readonly attributeInterfaces: readonly string[];

  /**
   * Begins to connect; called once. What comes of it is told by `connected` or `disconnected` of the host, at once or
   * later.
   *
   * @throws DBusError when it cannot even begin. The connection is over then, and the caller gets the error.
   */
  connect(): void;

  /**
   * Ends the connection because the user wants it, in any state but after `disconnected`; called once. Whatever the
   * connection still tells its host is ignored.
   *
   * @returns When nothing is left open. The host waits a few seconds at most. Rejecting counts as resolving.
   */
  disconnect(): Promise<void>;

  /**
   * The normal form of an identifier: two identifiers mean the same exactly if their normal forms are equal. Only asked
   * once connected; from then on the same identifier must always give the same normal form, which is its own normal
   * form. So what the server decides, such as how it folds case, must be known before `connected` is told.
   *
   * @param type - One of `handleTypes`.
   * @throws InvalidHandleError when nothing of that type can have this identifier.
   */
  normalize(type: HandleType, identifier: string): MaybePromise<string>;

  /**
   * What is known about contacts right now. `im.telepathy1.Connection/contact-id` is added by the host.
   *
   * @param identifiers - Normal forms.
   * @param interfaces - Those of `attributeInterfaces` whose attributes are wanted.
   * @returns For each identifier, at the same position, attributes by their full name: interface, slash, attribute.
   */
  contactAttributes(
    identifiers: readonly string[],
    interfaces: readonly string[],
  ): MaybePromise<readonly Readonly<Record<string, Variant>>[]>;

  /**
   * Somebody wants the notifications behind a token. Called once connected, and not again for the same token before
   * `uninterested`; interest from before is told right after `connected`.
   */
  interested(token: string): void;

  /** Nobody wants the notifications any more. Also called, once each, for what is still wanted when the connection ends. */
  uninterested(token: string): void;
}

/** An error that ended a connection. */
export interface ConnectionFailure {
  /**
   * Name such as `im.telepathy1.Error.ConnectionRefused`, or one of the protocol's own. By default the equivalent of the
   * reason, which depends on how far the connection had come.
   */
  readonly name?: string;
  /** What else is known; never a password or other secret. */
  readonly details?: ConnectionErrorDetails;
}

/** Whom a connection tells what happens to it. After `disconnected`, and after it was asked to disconnect, nothing is heard. */
export interface ConnectionHost {
  /**
   * Connecting has succeeded.
   *
   * @param selfIdentifier - The user's own identifier, in normal form or not.
   */
  connected(selfIdentifier: string): void;

  /** The user has another identifier now, such as after a change of nickname. Ignored before `connected`. */
  selfRenamed(identifier: string): void;

  /**
   * Connecting has failed, or the connection is lost. The protocol has already closed what it had open.
   *
   * @param reason - Any but `Requested`, unless the user ended it by other means.
   */
  disconnected(reason: ConnectionStatusReason, fault?: ConnectionFailure): void;
}
