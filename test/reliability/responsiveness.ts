import { once } from "node:events";
import { CONNMAN_NAME } from "@dbus-codegen-ts/connman";
import { type App, Stage, startProgram } from "../runtime/connman/support.ts";
import { RawPeer } from "../runtime/core/fixtures/raw-peer.ts";
import { CrashingBus, ms, nextLine, percentile, until } from "./support.ts";

// Measures how long a session service keeps a client waiting while other clients misbehave, next to an idle service in
// the same run, and how long it takes until the sessions of a killed client and a terminated service have ended.
// Argument: calls of each kind.

const calls = Number(process.argv[2] ?? 300);

/** Prints the latencies of calls. `disturb` runs before each. */
async function measure(name: string, app: App, disturb: (index: number) => void = () => undefined): Promise<number> {
  const latencies: number[] = [];
  for (let index = 0; index < calls; index++) {
    disturb(index);
    const begin = performance.now();
    await app.properties();
    latencies.push(performance.now() - begin);
  }
  const median = percentile(latencies, 0.5);
  console.log(`${name.padEnd(34)} median ${ms(median)}, 99 % ${ms(percentile(latencies, 0.99))}`);
  return median;
}

async function sinceNow(name: string, done: Promise<unknown>): Promise<void> {
  const begin = performance.now();
  await done;
  console.log(`${name.padEnd(34)} ${ms(performance.now() - begin)}`);
}

{
  await using stage = await Stage.open();
  const app = await stage.app();
  await app.create();
  const idle = await measure("idle", app);

  await using flooder = await RawPeer.connect(stage.address);
  const call = { destination: CONNMAN_NAME, path: "/", interface: "net.connman.Manager", member: "CreateSession" };
  const flooded = await measure("flood of CreateSession", app, (index) => {
    const flood = Array.from(
      { length: 100 },
      (_, at) => flooder.encode(call, "a{sv}o", [{}, `/f${index}_${at}`]).bytes,
    );
    flooder.write(Buffer.concat(flood));
  });
  console.log(`${"".padEnd(34)} ${(flooded / idle).toFixed(1)} times the idle median`);
}
{
  await using stage = await Stage.open();
  const app = await stage.app();
  await app.create();
  const idle = await measure("idle", app);
  const slow = startProgram("application", stage.address, "500");
  await nextLine(slow);
  slow.kill("SIGSTOP");
  const stopped = await measure("a stopped client, 500 sessions", app, (index) =>
    stage.network.change("cable", { state: index % 2 ? "online" : "idle" }),
  );
  console.log(`${"".padEnd(34)} ${(stopped / idle).toFixed(1)} times the idle median`);
  slow.kill("SIGKILL");
  await sinceNow(
    "a client with 500 sessions is killed",
    until("they end", () => stage.server.sessions === 1),
  );
}
{
  await using daemon = await CrashingBus.start();
  const service = startProgram("service", daemon.address);
  await nextLine(service);
  const client = startProgram("application", daemon.address, "500");
  await nextLine(client);
  service.kill("SIGTERM");
  await sinceNow("a service with 500 sessions ends", once(service, "exit"));
  client.kill("SIGKILL");
}
