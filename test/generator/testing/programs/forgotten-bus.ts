import { privateBus } from "dbus-codegen-ts/testing";

/** Starts a bus, prints its address and process ID, and ends without stopping it, like a test that crashes. */
const [end] = process.argv.slice(2);
const bus = await privateBus();
process.stdout.write(JSON.stringify({ address: bus.address, pid: bus.pid }));
if (end === "crash") throw new Error("crash");
if (end === "SIGTERM" || end === "SIGKILL") process.kill(process.pid, end);
