// Uses all features of a connection, closes it with pending work, and must then exit without being stopped. Argument: bus address.

import { connect } from "../../../runtime/core/index.ts";
import { Everything } from "../../runtime/core/fixtures/services.ts";
import { Sampler1Client } from "../../runtime/core/generated/org.example.Sampler1.ts";

/** A service that never replies and has no timer. */
class Silent extends Everything {
  override later(): Promise<number> {
    return new Promise(() => undefined);
  }
}

const [address = ""] = process.argv.slice(2);
const bus = await connect({ bus: address, reconnect: true });
await bus.serve("/a", new Silent());
await bus.requestName("org.example.Closing", { queue: true });
await bus.watchName("org.example.Nobody", () => undefined);
const client = new Sampler1Client(bus, { destination: bus.uniqueName, path: "/a" });
await client.signals.hasOwnProperty$.subscribe(() => undefined);
const outcome = Promise.allSettled([client.later(3_600_000), client.later(3_600_000, { timeout: 3_600_000 })]);
await client.describe$("sent before");
await bus.close();
process.stdout.write(`${(await outcome).map(({ status }) => status).join()}\n`);
