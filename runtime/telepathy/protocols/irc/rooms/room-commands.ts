import type { DBusError } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { DisconnectedError, ServiceBusyError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { IRC_LIMITS } from "../../../quotas.ts";
import type { IrcSession } from "../irc-session.ts";
import { roomError, USER_ON_CHANNEL } from "./room-errors.ts";

/** A command that the server has not processed yet. */
interface PendingCommand {
  /** Parameter of the PING that was sent after the command. */
  readonly token: string;
  /** Normalised names of the room and the contact. A reply that rejects the command contains one of them. */
  readonly subjects: readonly string[];
  readonly settle: (error: DBusError | undefined) => void;
  error: DBusError | undefined;
}

/**
 * Commands for rooms and their results. Many servers reply only with errors. So a PING is sent after each command,
 * and the command has succeeded if PONG arrives without an error before it.
 */
export class RoomCommands {
  readonly #session: IrcSession;
  readonly #pending: PendingCommand[] = [];
  #lastNumber = 0;

  constructor(session: IrcSession) {
    this.#session = session;
  }

  /**
   * Sends a command. Resolves when the server has processed it.
   *
   * @param subjects - Names of the room, and of the contact if there is one.
   * @throws DBusError that corresponds to the server's error reply; ServiceBusyError if too many commands are
   * pending; DisconnectedError if the connection ends before.
   */
  async send(subjects: readonly string[], command: string, ...params: readonly string[]): Promise<void> {
    if (this.#pending.length >= IRC_LIMITS.roomCommands) throw new ServiceBusyError("the server does not answer");
    const { promise, resolve, reject } = deferred<void>();
    this.#lastNumber++;
    const token = `command-${this.#lastNumber}`;
    const settle = (error: DBusError | undefined): void => (error === undefined ? resolve() : reject(error));
    const folded = subjects.map((name) => this.#session.fold(name));
    this.#pending.push({ token, subjects: folded, settle, error: undefined });
    this.#session.send(command, ...params);
    this.#session.send("PING", token);
    return promise;
  }

  /**
   * Processes an error reply. If the reply names the room or the contact of the oldest pending command, that
   * command has failed.
   */
  rejected(number: string, params: readonly string[]): void {
    const [oldest] = this.#pending;
    if (oldest === undefined || number === USER_ON_CHANNEL) return;
    const names = params.slice(1, -1).map((name) => this.#session.fold(name));
    if (oldest.subjects.some((subject) => names.includes(subject))) {
      oldest.error ??= roomError(number, params.at(-1) ?? "");
    }
  }

  /** Processes a PONG: the command before its PING has been processed, and so have all earlier commands. */
  pong(params: readonly string[]): void {
    const index = this.#pending.findIndex(({ token }) => token === params.at(-1));
    for (const { settle, error } of this.#pending.splice(0, index + 1)) settle(error);
  }

  /** Rejects all pending commands, because the connection has ended. */
  stop(): void {
    for (const { settle } of this.#pending.splice(0)) settle(new DisconnectedError("the connection has ended"));
  }
}
