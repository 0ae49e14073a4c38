import { dialer } from "./bus/dial.ts";
import { Bus } from "./bus.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { checkQuotas } from "./quotas.ts";

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects to a bus. The first connection is tried once, even with `reconnect`.
 *
 * @throws DisconnectedError that states why each address failed; DBusError if the bus refuses the connection;
 * InvalidValueError if a quota or a delay is invalid.
 */
export async function connect(options: ConnectOptions = {}): Promise<Bus> {
  checkQuotas(options.quotas ?? {});
  const dial = dialer(options.bus ?? "session", options.timeout ?? DEFAULT_CONNECT_TIMEOUT_MS);
  return new Bus(await dial(), options, { dial });
}
