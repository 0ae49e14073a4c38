import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { connect, LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RemoteManager } from "../../../../runtime/telepathy/client/remote-manager.ts";
import { connectionPlace } from "../../../../runtime/telepathy/connection/object-names.ts";
import { serveConnectionManager } from "../../../../runtime/telepathy/service/connection-manager.ts";
import { CrashingBus, endsWithUs, nextLine } from "../../../reliability/support.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { ON_SOURCES } from "../../../setup/sources.ts";
import { ScriptedProtocol } from "../scripted-protocol.ts";
import { startWorld, until } from "../test-manager.ts";

const TOKENS = Array.from({ length: 1000 }, (_, index) => `org.example.Interest${index}`);

test("a client with 1,000 interests is killed: nothing is counted any more, and each end is told once", async () => {
  const protocol = new ScriptedProtocol({ interests: TOKENS, connect: ({ host }) => host.connected("me") });
  const live: (() => number)[] = [];
  await using world = await startWorld([protocol], {
    onConnection: (connection) => live.push(() => connection.live.interestedClients),
  });
  const target = await world.request(protocol.name, { account: "me" });
  await new ConnectionClient(world.client, target).connect();
  const program = fileURLToPath(new URL("programs/interested-client.ts", import.meta.url));
  const args = [...ON_SOURCES, program, world.daemon.address, target.destination, target.path, ...TOKENS];
  const client = endsWithUs(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
  await nextLine(client);
  const { log } = protocol.last;
  expect(log.slice(1)).toEqual(TOKENS.map((token) => `+${token}`));
  expect(live.map((count) => count())).toEqual([1]);
  client.kill("SIGKILL");
  await until("all are gone", () => log.length === 2001);
  expect(log.slice(1001).sort()).toEqual(TOKENS.map((token) => `-${token}`).sort());
  expect(live.map((count) => count())).toEqual([0]);
});

test("a bus that does not let anybody follow who leaves: interest counts all the same, and the program is told", async () => {
  const [token = ""] = TOKENS;
  const protocol = new ScriptedProtocol({ interests: [token], connect: ({ host }) => host.connected("me") });
  const errors: unknown[] = [];
  await using daemon = await startPrivateBus({ limits: { max_match_rules_per_connection: 0 } });
  await using service = await connect({ bus: daemon.address });
  const onError = (error: unknown): void => void errors.push(error);
  await using _ = await serveConnectionManager(service, { name: "test", protocols: [protocol], onError });
  await using bus = await connect({ bus: daemon.address });
  const connection = new ConnectionClient(
    bus,
    await new RemoteManager(bus, "test").request(protocol.name, { account: "me" }),
  );
  await connection.connect();
  for (const count of [1, 2]) {
    await connection.addClientInterest([token]);
    await until("the program is told", () => errors.length === count);
  }
  expect(errors[0]).toMatchObject({ errorName: LimitsExceededError.errorName });
  expect(protocol.last.log).toEqual(["connect", `+${token}`]);
});

test("a bus that crashes takes all clients with it; the connection is there again with the next one", async () => {
  const [token = ""] = TOKENS;
  const protocol = new ScriptedProtocol({ interests: [token], connect: ({ host }) => host.connected("me") });
  const states: string[] = [];
  await using daemon = await CrashingBus.start();
  await using service = await connect({
    bus: daemon.address,
    reconnect: { minDelay: 5, maxDelay: 5 },
    onConnection: ({ state }) => states.push(state),
  });
  await using _ = await serveConnectionManager(service, { name: "test", protocols: [protocol] });
  const place = connectionPlace({ manager: "test", protocol: protocol.name, account: "me" });
  const beInterested = async (): Promise<void> => {
    await using bus = await connect({ bus: daemon.address });
    if (protocol.connections.length === 0)
      await new RemoteManager(bus, "test").request(protocol.name, { account: "me" });
    const connection = new ConnectionClient(bus, place);
    await connection.connect();
    await connection.addClientInterest([token]);
    await daemon.crash();
  };
  await beInterested();
  const { log } = protocol.last;
  await until("nobody is interested", () => log.length === 3);
  await daemon.restart();
  await until("back", () => states.includes("reconnected"));
  await beInterested();
  await until("nobody is interested again", () => log.length === 5);
  expect(log).toEqual(["connect", `+${token}`, `-${token}`, `+${token}`, `-${token}`]);
});

test("clients that come, register, take back and leave in any order: in the end nobody is interested", async () => {
  const tokens = ["org.example.A", "org.example.B"];
  const step = fc.record({
    client: fc.nat({ max: 2 }),
    what: fc.constantFrom("add", "add", "remove", "leave"),
    token: fc.constantFrom(...tokens),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const protocol = new ScriptedProtocol({ interests: tokens, connect: ({ host }) => host.connected("me") });
      await using world = await startWorld([protocol]);
      const target = await world.request(protocol.name, { account: "me" });
      await new ConnectionClient(world.client, target).connect();
      const open = () => connect({ bus: world.daemon.address });
      const clients = [await open(), await open(), await open()];
      for (const { client, what, token } of steps) {
        const bus = clients[client] ?? world.client;
        const connection = new ConnectionClient(bus, target);
        // Nobody waits for answers, so that clients leave in the middle of anything.
        if (what === "add") connection.addClientInterest([token]).catch(() => undefined);
        else if (what === "remove") connection.removeClientInterest([token]).catch(() => undefined);
        else {
          await bus.close();
          clients[client] = await open();
        }
      }
      await Promise.all(clients.map((bus) => bus.close()));
      const { log } = protocol.last;
      const balance = (token: string) =>
        log.filter((one) => one === `+${token}`).length - log.filter((one) => one === `-${token}`).length;
      await new ConnectionClient(world.client, target).addClientInterest([]);
      await until("nobody is interested", () => tokens.every((token) => balance(token) === 0));
      for (const token of tokens) {
        const told = log.filter((one) => one.endsWith(token)).map((one) => one[0]);
        expect(told).toEqual(told.map((_, index) => (index % 2 === 0 ? "+" : "-")));
      }
    }),
    { numRuns: 25 },
  );
});
