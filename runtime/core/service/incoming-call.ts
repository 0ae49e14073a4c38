import type { BusPort } from "../bus/port.ts";
import type { ErrorHook } from "../hooks.ts";
import { NoReplyError } from "../standard-errors.ts";
import type { ObjectPath, Signature } from "../values.ts";
import { MessageFlag } from "../wire/header.ts";
import type { Message } from "../wire/message.ts";
import type { CallerRegistry } from "./caller-registry.ts";
import type { Credentials } from "./credentials.ts";
import type { RefuseHook } from "./refuse-hook.ts";

/**
 * Holder of the registry of callers. Services create the registry, so that bundles of clients do not contain its code.
 */
export interface Callers {
  registry: CallerRegistry | undefined;
  /** Called by the registry when a caller has left the bus. */
  readonly onLeave: (sender: string) => void;
}

/** The period between two losses of the connection. Unique names keep their meaning only within one period. */
export interface ConnectedPeriod {
  readonly bus: BusPort;
  readonly onError: ErrorHook;
  readonly refuse: RefuseHook | undefined;
  /** Whether the connection is lost. If so, all callers are gone, and other connections may get their unique names. */
  isLost: boolean;
}

/** A method call with its caller. Every handler gets it as the last argument. */
export interface Incoming {
  /** Unique name of the caller, such as `:1.42`, set by the bus. */
  readonly sender: string;
  readonly path: ObjectPath;
  /** Interface name, if the caller sent one. */
  readonly interface?: string;
  /** Method name on the wire. */
  readonly member: string;
  /** Signature of the arguments. */
  readonly signature: Signature;
  /** Whether the caller requested that no reply is sent. */
  readonly noReply: boolean;
  /** Whether the caller agrees to wait while the user is prompted for authorization. */
  readonly interactiveAuthorization: boolean;
  /**
   * Aborts when the caller leaves the bus, so that no reply can reach the caller. The first use starts to watch the
   * caller, which takes two calls to the bus.
   */
  readonly signal: AbortSignal;
  /**
   * Returns the user, process and security label of the caller, as the bus reports them. The bus is called once per
   * caller; the result is remembered until the caller leaves.
   *
   * @throws DBusError if the caller has left the bus or the bus refuses.
   */
  credentials(): Promise<Credentials>;
}

/** An incoming call, read from its message. */
export class IncomingCall implements Incoming {
  readonly sender: string;
  readonly path: ObjectPath;
  readonly interface?: string;
  readonly member: string;
  readonly signature: Signature;
  readonly noReply: boolean;
  readonly interactiveAuthorization: boolean;
  readonly #callers: Callers;
  readonly #period: Pick<ConnectedPeriod, "isLost">;
  #signal: AbortSignal | undefined;

  /**
   * @param period - The connected period in which the call was received. After this period, another connection may have
   * the unique name of the sender.
   */
  constructor(call: Message, callers: Callers, period: Pick<ConnectedPeriod, "isLost">) {
    this.#callers = callers;
    this.#period = period;
    this.sender = call.sender ?? "";
    this.path = call.path ?? "/";
    if (call.interface !== undefined) this.interface = call.interface;
    this.member = call.member ?? "";
    this.signature = call.signature;
    this.noReply = (call.flags & MessageFlag.NoReplyExpected) !== 0;
    this.interactiveAuthorization = (call.flags & MessageFlag.AllowInteractiveAuthorization) !== 0;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#period.isLost
      ? AbortSignal.abort(this.#callerLeft())
      : this.#registry().presence(this.sender);
    return this.#signal;
  }

  async credentials(): Promise<Credentials> {
    if (this.#period.isLost) throw this.#callerLeft();
    return this.#registry().credentials(this.sender);
  }

  #registry(): CallerRegistry {
    if (this.#callers.registry === undefined) throw new Error("only services know their callers");
    return this.#callers.registry;
  }

  #callerLeft(): NoReplyError {
    return new NoReplyError(`${this.sender} has left the bus`);
  }
}
