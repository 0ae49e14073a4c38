// A service in a separate process that is killed: node --import tsx killed-service.ts <bus> <name> <signals>
import { connect } from "../../../runtime/core/index.ts";
import { Jukebox } from "../../runtime/core/fixtures/services.ts";

const [, , address = "session", name = "", signals = "0"] = process.argv;
const bus = await connect({ bus: address });
const jukebox = new Jukebox();
await bus.serve("/killed", jukebox);
await bus.requestName(name);
for (let number = 1; number <= Number(signals); number++)
  jukebox.signals.trackChanged(`${process.pid}`, BigInt(number));
jukebox.properties.volume = 1;
