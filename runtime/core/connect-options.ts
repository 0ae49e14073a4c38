import type { ReconnectOptions } from "./bus/backoff.ts";
import type { ConnectionHook, ErrorHook } from "./hooks.ts";
import type { Quotas } from "./quotas.ts";
import type { RefuseHook } from "./service/refuse-hook.ts";

/** Options of `connect`. */
export interface ConnectOptions {
  /**
   * The bus: `"session"`, the default, is the bus in `DBUS_SESSION_BUS_ADDRESS`, or `$XDG_RUNTIME_DIR/bus`. `"system"` is the bus in
   * `DBUS_SYSTEM_BUS_ADDRESS`, or the standard system bus. Any other text is a list of server addresses, such as
   * `unix:path=/run/user/1000/bus`, which are tried in order: `unix:` with `path`, `abstract` or `runtime=yes`, `tcp:` with
   * `host`, `port` and `family`, and `unixexec:` with `path` and `argv1` to `argv`*n*, a program that is started. Other entries are skipped. An address with a `guid` is accepted only from the server
   * with this id, also when the connection is restored.
   */
  readonly bus?: "session" | "system" | (string & {});
  /** Milliseconds that each address has until the bus has replied to Hello: 10 000 by default. */
  readonly timeout?: number;
  /**
   * Called with errors of this program that no caller awaits: bugs of handlers and listeners. By default each is a
   * warning of the process with its stack, once per place in the code; Node prints it on standard error.
   */
  readonly onError?: ErrorHook;
  /** Configurable limits: on what one caller may use of the services of this program, and on the send queue. */
  readonly quotas?: Quotas;
  /**
   * Chooses the error reply to a call that reaches no handler: the object, interface or method is unknown, or the
   * method takes other argument types. For services that replace others and must send their errors. If it throws, the
   * standard error is sent and `onError` is called.
   */
  readonly refuse?: RefuseHook;
  /**
   * Reconnects after a loss until `close()`, with a delay that doubles after each attempt, until a connection lasts. Names, match rules, name
   * watches, subscriptions and served objects are restored; signals sent in between are missed. Pending calls fail with
   * DisconnectedError at the loss, and new calls fail until the connection is restored. Off by default: the loss is the
   * end.
   */
  readonly reconnect?: boolean | ReconnectOptions;
  /** With `reconnect`: called when the connection is lost, and when it is back and everything is restored. */
  readonly onConnection?: ConnectionHook;
}
