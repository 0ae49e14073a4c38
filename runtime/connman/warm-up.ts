import { setImmediate as nextTurn } from "node:timers/promises";
import { SimulatedBus, type SimulatedCall } from "@dbus-codegen-ts/runtime/simulated-bus";
import { Manager } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { Session } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { SimulatedNetwork } from "./adapters/network/simulated-network.ts";
import type { DialectName } from "./policy/dialect.ts";
import { MANAGER_PATH, sessionPath } from "./services/object-paths.ts";
import { CONNMAN_NAME, serveSessions } from "./services/session-server.ts";

/**
 * Number of simulated sessions: enough that V8 compiles the code for the types of most values. More sessions would take
 * more time than they save.
 */
const SESSION_COUNT = 128;
const CLIENTS = [":1.2", ":1.3", ":1.4", ":1.5"] as const;
/** Number of calls that arrive in one turn of the event loop. */
const CALLS_PER_TURN = 16;
const SERVICE = "cable";

/**
 * Creates, updates and ends simulated sessions, so that V8 has compiled the code before the first client uses it. The bus
 * and the network of these sessions are simulated, too. Never rejects.
 *
 * @param onError - Called with errors. Must not throw.
 */
export async function warmUp(dialect: DialectName, onError: (error: unknown) => void): Promise<void> {
  try {
    await using simulated = new SimulatedBus(onError);
    await using network = new SimulatedNetwork([{ id: SERVICE, bearer: "ethernet", state: "online" }]);
    await using _ = await serveSessions(simulated.bus, { network, dialect, onError });
    const paths = Array.from({ length: SESSION_COUNT }, (_value, index): NotifierOfClient => {
      return { sender: CLIENTS[index % CLIENTS.length] ?? CLIENTS[0], notifier: `/n/${index}` };
    });
    await receive(simulated, paths.map(creation));
    for (const state of ["idle", "online"] as const) {
      network.change(SERVICE, { state });
      await nextTurn();
    }
    await receive(simulated, paths.map(end));
  } catch (error) {
    onError(error);
  }
}

interface NotifierOfClient {
  readonly sender: string;
  readonly notifier: `/${string}`;
}

/** Delivers calls to a simulated bus. Resolves when the calls have replies and the resulting Updates are sent. */
async function receive(bus: SimulatedBus, calls: readonly SimulatedCall[]): Promise<void> {
  for (let index = 0; index < calls.length; index += CALLS_PER_TURN) {
    await bus.receive(calls.slice(index, index + CALLS_PER_TURN));
  }
  await nextTurn();
}

function creation({ sender, notifier }: NotifierOfClient): SimulatedCall {
  return {
    sender,
    destination: CONNMAN_NAME,
    path: MANAGER_PATH,
    interface: Manager.name,
    member: Manager.methods.createSession.name,
    signature: "a{sv}o",
    args: [{}, notifier],
  };
}

function end({ sender, notifier }: NotifierOfClient): SimulatedCall {
  return {
    sender,
    destination: CONNMAN_NAME,
    path: sessionPath(sender, notifier) ?? MANAGER_PATH,
    interface: Session.name,
    member: Session.methods.destroy.name,
  };
}
