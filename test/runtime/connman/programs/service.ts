// Serves sessions with one cable until SIGTERM, then releases them. Arguments: bus address, dialect.

import { DIALECTS, SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { connect } from "@dbus-codegen-ts/runtime";

const [address = "", name] = process.argv.slice(2);
const dialect = Object.values(DIALECTS).find((candidate) => candidate.name === name)?.name ?? "session-2017";
const network = new SimulatedNetwork([{ id: "cable", bearer: "ethernet", state: "online" }]);
const bus = await connect({ bus: address });
const server = await serveSessions(bus, { network, dialect });
process.once("SIGTERM", async () => {
  await server.close();
  await bus.close();
  await network.close();
  process.exitCode = 0;
});
process.stdout.write(`${bus.uniqueName}\n`);
