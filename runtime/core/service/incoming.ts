import { NoReplyError } from "../standard-errors.ts";
import type { ObjectPath, Signature } from "../values.ts";
import { MessageFlag } from "../wire/header.ts";
import type { Message } from "../wire/message.ts";
import type { CallerRegistry } from "./caller-registry.ts";
import type { Credentials } from "./credentials.ts";
import type { Line } from "./line.ts";

/** A call as it came: who calls, what, and how. Every handler gets it as its last argument. */
export interface Incoming {
  /** Unique name of the caller, such as `:1.42`. The bus vouches for it. */
  readonly sender: string;
  readonly path: ObjectPath;
  /** Interface name, where the caller gave one. */
  readonly interface?: string;
  /** Method name on the wire. */
  readonly member: string;
  /** Signature of the arguments. */
  readonly signature: Signature;
  /** The caller does not want a reply; none will be sent. */
  readonly noReply: boolean;
  /** The caller is ready to wait while the user is asked for authorization. */
  readonly interactiveAuthorization: boolean;
  /**
   * Aborts when the caller leaves the bus, and nobody is left to answer. Watching begins with the first use, which costs
   * two calls to the bus.
   */
  readonly signal: AbortSignal;
  /**
   * User, process and security label of the caller, as the bus knows them. They are asked for once per caller and
   * remembered until it leaves the bus.
   *
   * @throws DBusError when the caller has left, or the bus refuses to tell.
   */
  credentials(): Promise<Credentials>;
}

/** A call as its handler sees it. */
export class IncomingCall implements Incoming {
  readonly sender: string;
  readonly path: ObjectPath;
  readonly interface?: string;
  readonly member: string;
  readonly signature: Signature;
  readonly noReply: boolean;
  readonly interactiveAuthorization: boolean;
  readonly #senders: CallerRegistry;
  readonly #line: Pick<Line, "isLost">;
  #signal: AbortSignal | undefined;

  /** @param line - Where it came from: on another connection to the bus the sender's name may stand for somebody else. */
  constructor(call: Message, senders: CallerRegistry, line: Pick<Line, "isLost">) {
    this.#senders = senders;
    this.#line = line;
    this.sender = call.sender ?? "";
    this.path = call.path ?? "/";
    if (call.interface !== undefined) this.interface = call.interface;
    this.member = call.member ?? "";
    this.signature = call.signature;
    this.noReply = (call.flags & MessageFlag.NoReplyExpected) !== 0;
    this.interactiveAuthorization = (call.flags & MessageFlag.AllowInteractiveAuthorization) !== 0;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#line.isLost ? AbortSignal.abort(this.#left()) : this.#senders.presence(this.sender);
    return this.#signal;
  }

  async credentials(): Promise<Credentials> {
    if (this.#line.isLost) throw this.#left();
    return this.#senders.credentials(this.sender);
  }

  #left(): NoReplyError {
    return new NoReplyError(`${this.sender} has left the bus`);
  }
}
