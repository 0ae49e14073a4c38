// Listens to the jukebox at /a, and prints when it listens and when it has received the track "last". Arguments: bus address, bus name.

import { connect } from "../../../runtime/core/index.ts";
import { Jukebox1Client } from "../../runtime/core/fixtures/jukebox.ts";

const [address = "", destination = ""] = process.argv.slice(2);
const bus = await connect({ bus: address });
const { signals } = new Jukebox1Client(bus, { destination, path: "/a" });
await signals.trackChanged.subscribe((track) => {
  if (track === "last") process.stdout.write("heard the last\n");
});
process.stdout.write("listening\n");
