// Registers interests in a connection, prints its unique name and stays connected:
// npx tsx interested-client.ts <address> <bus name> <path> <token…>
import { connect } from "../../../../../runtime/core/index.ts";

const [address = "", destination = "", path = "", ...tokens] = process.argv.slice(2);
const bus = await connect({ bus: address });
const call = { destination, path, interface: "im.telepathy1.Connection", member: "AddClientInterest", signature: "as" };
await bus.call({ ...call, args: [tokens] });
process.stdout.write(`${bus.uniqueName}\n`);
