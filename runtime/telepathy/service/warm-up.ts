import { setImmediate as turn } from "node:timers/promises";
import { type ConnectOptions, Variant } from "@dbus-codegen-ts/runtime";
import { SimulatedBus } from "@dbus-codegen-ts/runtime/simulated-bus";
import { UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import { warmUp } from "@dbus-codegen-ts/runtime/warm-up";
import { Connection, HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { connectionTarget } from "../connection/object-names.ts";
import { type Dialect, nameIn } from "../dialects/dialect.ts";
import { LOOPBACK_INTERESTS, loopbackProtocol } from "../protocols/loopback/loopback.ts";
import { validateParameters } from "../protocols/validate-parameters.ts";
import { DEFAULT_MANAGER_QUOTAS } from "../quotas.ts";
import { CONNECTION_CONTRACTS } from "./connection-view.ts";
import { ServedConnection } from "./served-connection.ts";

/** Number of simulated clients in one round. Each adds an interest and leaves the bus. */
const CLIENTS = 60;
/** Numbers of contacts in the calls of one round. The last is so large that the arguments are decoded in steps. */
const BATCHES = [50, 50, 50, 1000];
/** Number of simulated clients that leave the bus in one turn of the event loop. */
const DEPARTURES_PER_TURN = 4;

/** Options of `warmUpConnections`. */
export interface WarmUpOptions extends Pick<ConnectOptions, "quotas"> {
  /** Called with errors. Only a defect of this package can cause one. */
  readonly onError: (error: unknown) => void;
  /** Function that sets a flag of V8. By default that of `node:v8`. */
  readonly setFlag?: (flag: string) => void;
}

/**
 * Calls RequestHandles, InspectHandles and AddClientInterest of a loopback connection on a simulated bus, because
 * clients call these methods most. So V8 has compiled their code before the first client calls them. The connection
 * is removed afterwards.
 */
export async function warmUpConnections(dialect: Dialect, { onError, quotas, setFlag }: WarmUpOptions): Promise<void> {
  await using simulated = new SimulatedBus(onError, quotas);
  // Each round uses a new connection, so that connections are created and removed in early rounds, too: V8 discards
  // optimized code when a case occurs for the first time.
  await warmUp(() => new WarmUpRound(simulated, dialect, onError).run(), setFlag);
}

/** One round of calls: a connection on a simulated bus, and simulated clients. */
class WarmUpRound {
  readonly #simulated: SimulatedBus;
  readonly #connection: ServedConnection;
  readonly #path: string;
  readonly #interface: string;
  readonly #token: string;
  readonly #hasHandleMethods: boolean;
  #contacts = 0;

  constructor(simulated: SimulatedBus, dialect: Dialect, onError: (error: unknown) => void) {
    const protocol = loopbackProtocol();
    const target = connectionTarget({ manager: "warm_up", protocol: protocol.name, account: "self" }, dialect.root);
    const { handlesPerClient, handlesPerUser, handles } = DEFAULT_MANAGER_QUOTAS;
    const quotas = { perClient: handlesPerClient, perUser: handlesPerUser, total: handles };
    this.#simulated = simulated;
    this.#connection = new ServedConnection(simulated.bus, {
      protocol,
      parameters: validateParameters(protocol.parameters, new Map([["account", new Variant("s", "self")]])),
      targets: new Map([[dialect, target]]),
      options: { handleUsage: new UsageCounts("handles", quotas) },
      onError,
    });
    this.#path = target.path;
    this.#interface = nameIn(dialect.root, Connection.name);
    this.#token = nameIn(dialect.root, LOOPBACK_INTERESTS[0]);
    this.#hasHandleMethods = Object.hasOwn(CONNECTION_CONTRACTS[dialect.name].methods ?? {}, "requestHandles");
  }

  /** Serves the connection, connects it, makes the calls of one round, and disconnects. */
  async run(): Promise<void> {
    await this.#connection.publish();
    this.#connection.object.model.connect();
    if (this.#hasHandleMethods) for (const size of BATCHES) await this.#useHandles(size);
    const clients = Array.from({ length: CLIENTS }, (_, index) => `:1.${100 + index}`);
    for (const client of clients) await this.#call("AddClientInterest", "as", [[this.#token]], client);
    for (const [index, client] of clients.entries()) {
      this.#simulated.leave(client);
      if (index % DEPARTURES_PER_TURN === 0) await turn();
    }
    await this.#connection.disconnect();
  }

  /** Requests new handles, requests them a second time, and requests their identifiers. */
  async #useHandles(size: number): Promise<void> {
    const names = Array.from({ length: size }, (_, index) => `warm-up-${this.#contacts + index}@example.org`);
    for (let time = 0; time < 2; time++) await this.#call("RequestHandles", "uas", [HandleType.Contact, names]);
    const { model } = this.#connection.object;
    const handles = names.map((name) => model.lookupHandle(HandleType.Contact, name) ?? 0);
    await this.#call("InspectHandles", "uau", [HandleType.Contact, handles]);
    this.#contacts += size;
  }

  #call(member: string, signature: string, args: readonly unknown[], sender = ":1.2"): Promise<void> {
    const target = { destination: this.#simulated.bus.uniqueName, path: this.#path, interface: this.#interface };
    return this.#simulated.receive([{ ...target, sender, member, signature, args }]);
  }
}
