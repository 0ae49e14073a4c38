// Calls Ping of a connection every 2 ms and prints the milliseconds of each call. Arguments: bus address, unique name.

import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@dbus-codegen-ts/runtime";

const [address = "", destination = ""] = process.argv.slice(2);
const bus = await connect({ bus: address });
const call = { destination, path: "/", interface: "org.freedesktop.DBus.Peer", member: "Ping" };
for (;;) {
  const start = performance.now();
  await bus.call(call);
  process.stdout.write(`${performance.now() - start}\n`);
  await sleep(2);
}
