import type { ReconnectOptions } from "./bus/backoff.ts";
import type { ConnectionHook, ErrorHook } from "./hooks.ts";
import type { Quotas } from "./quotas.ts";
import type { RefuseHook } from "./service/refuse-hook.ts";

/** Options of `connect`. */
export interface ConnectOptions {
  /**
   * The bus: `"session"`, the default, is the bus that `DBUS_SESSION_BUS_ADDRESS` names, or `$XDG_RUNTIME_DIR/bus`.
   * `"system"` is the bus that `DBUS_SYSTEM_BUS_ADDRESS` names, or the standard system bus. Any other text is a list of
   * server addresses, such as `unix:path=/run/user/1000/bus`, which are tried in order: `unix:` with `path`, `abstract`
   * or `runtime=yes`, `tcp:` with `host`, `port` and `family`, and `unixexec:` with `path` and `argv1` to `argv`*n*, a
   * program that is started. Other entries are skipped. An address with a `guid` is accepted only from the server with
   * this id, also when the connection is restored.
   */
  readonly bus?: "session" | "system" | (string & {});
  /** Milliseconds that each address has until the bus has replied to Hello: 10 000 by default. */
  readonly timeout?: number;
  /**
   * Called with errors of this program that no caller awaits, which are bugs of handlers and listeners. By default each
   * error is emitted as a process warning with its stack, once per place in the code. Node prints such warnings on
   * standard error.
   */
  readonly onError?: ErrorHook;
  /**
   * Configurable limits on received messages, on what one caller may use of the services of this program, and on the
   * send queue.
   */
  readonly quotas?: Quotas;
  /**
   * Chooses the error reply to a call that reaches no handler: the object, interface or method is unknown, or the
   * method takes other argument types. Used by services that replace other services and must send the same errors. If
   * the hook throws, the standard error is sent and `onError` is called.
   */
  readonly refuse?: RefuseHook;
  /**
   * Whether to reconnect after each loss of the connection until `close()`. The delay between attempts doubles until a
   * connection lasts. Names, match rules, name watches, subscriptions and served objects are restored; signals sent in
   * between are missed. Pending calls fail with DisconnectedError at the loss, and new calls fail until the connection
   * is restored. Default: false, so that the bus is closed at the loss.
   */
  readonly reconnect?: boolean | ReconnectOptions;
  /** With `reconnect`: called when the connection is lost, and when it is re-established and everything is restored. */
  readonly onConnection?: ConnectionHook;
}
