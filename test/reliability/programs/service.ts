// Serves an Everything at /a and owns a name until it is killed. Arguments: bus address, name.

import { connect } from "../../../runtime/core/index.ts";
import { Everything } from "../../runtime/core/fixtures/services.ts";

const [address = "", name = ""] = process.argv.slice(2);
const bus = await connect({ bus: address });
await bus.serve("/a", new Everything());
await bus.requestName(name);
process.stdout.write(`${bus.uniqueName}\n`);
