import { createInterface } from "node:readline";
import { connect, DBusError } from "@dbus-codegen-ts/runtime";

// A client that subscribes to signals and calls the attacker. Argument: bus address. Prints its unique name. Each line of
// its input is the unique name of a service to call; the result of the call is not printed, as it may be large.

const [address = ""] = process.argv.slice(2);
const bus = await connect({ bus: address });
await bus.watchName("org.example.Attacker", () => undefined);
process.stdout.write(`${bus.uniqueName}\n`);
for await (const destination of createInterface({ input: process.stdin })) {
  const call = { destination, path: "/", interface: "org.example.Attacker", member: "Attack" };
  void bus.call(call).catch((error: unknown) => {
    if (!(error instanceof DBusError)) throw error;
  });
}
