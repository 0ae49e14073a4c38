import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { connect, LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RemoteManager } from "../../../../runtime/telepathy/client/remote-manager.ts";
import { connectionTarget } from "../../../../runtime/telepathy/connection/object-names.ts";
import { ClientDepartures } from "../../../../runtime/telepathy/service/client-departures.ts";
import { serveConnectionManager } from "../../../../runtime/telepathy/service/connection-manager.ts";
import { CrashingBus, endsWithUs, nextLine } from "../../../reliability/support.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { programArguments } from "../../../setup/program.ts";
import { ScriptedProtocol } from "../scripted-protocol.ts";
import { startTestManager, until } from "../test-manager.ts";

const TOKENS = Array.from({ length: 1000 }, (_, index) => `org.example.Interest${index}`);

test("a killed client loses its 1,000 interests, and the end of each is reported once", async () => {
  const protocol = new ScriptedProtocol({ interests: TOKENS, connect: ({ host }) => host.connected("me") });
  const clientCounts: (() => number)[] = [];
  await using setup = await startTestManager([protocol], {
    onConnection: (connection) => clientCounts.push(() => connection.model.interests.clientCount),
  });
  const target = await setup.request(protocol.name, { account: "me" });
  await new ConnectionClient(setup.client, target).connect();
  const program = fileURLToPath(new URL("programs/interested-client.ts", import.meta.url));
  const args = [...programArguments(program), setup.daemon.address, target.destination, target.path, ...TOKENS];
  const client = endsWithUs(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
  await nextLine(client);
  const { log } = protocol.last;
  expect(log.slice(1)).toEqual(TOKENS.map((token) => `+${token}`));
  expect(clientCounts.map((count) => count())).toEqual([1]);
  client.kill("SIGKILL");
  await until("all interests have ended", () => log.length === 2001);
  expect(log.slice(1001).sort()).toEqual(TOKENS.map((token) => `-${token}`).sort());
  expect(clientCounts.map((count) => count())).toEqual([0]);
});

test("a client that left before its call is handled is reported when it is watched", async () => {
  await using daemon = await startPrivateBus();
  await using service = await connect({ bus: daemon.address });
  const left: string[] = [];
  const departures = new ClientDepartures(service, {
    onLeave: (client) => void left.push(client),
    onLost: () => undefined,
    onError: (error) => expect.fail(`${error}`),
  });
  departures.start();
  const client = await connect({ bus: daemon.address });
  const { uniqueName } = client;
  await client.close();
  await until("the client has left", () => left.includes(uniqueName));
  left.length = 0;
  departures.watch(service.uniqueName);
  departures.watch(uniqueName);
  expect(left).toEqual([uniqueName]);
  await departures.close();
});

test("interests are counted, and an error is reported, if the bus refuses the match rule for departures", async () => {
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
    await until("the error is reported", () => errors.length === count);
  }
  expect(errors[0]).toMatchObject({ errorName: LimitsExceededError.errorName });
  expect(protocol.last.log).toEqual(["connect", `+${token}`]);
});

test("a crash of the bus ends all interests, and the connection works after the reconnection", async () => {
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
  const target = connectionTarget({ manager: "test", protocol: protocol.name, account: "me" });
  const addInterestAndCrash = async (): Promise<void> => {
    await using bus = await connect({ bus: daemon.address });
    if (protocol.connections.length === 0)
      await new RemoteManager(bus, "test").request(protocol.name, { account: "me" });
    const connection = new ConnectionClient(bus, target);
    await connection.connect();
    await connection.addClientInterest([token]);
    await daemon.crash();
  };
  await addInterestAndCrash();
  const { log } = protocol.last;
  await until("the interest has ended", () => log.length === 3);
  await daemon.restart();
  await until("reconnected", () => states.includes("reconnected"));
  await addInterestAndCrash();
  await until("the interest has ended a second time", () => log.length === 5);
  expect(log).toEqual(["connect", `+${token}`, `-${token}`, `+${token}`, `-${token}`]);
});

test("no interest remains after clients added, removed and left in any order", async () => {
  const tokens = ["org.example.A", "org.example.B"];
  const step = fc.record({
    client: fc.nat({ max: 2 }),
    action: fc.constantFrom("add", "add", "remove", "leave"),
    token: fc.constantFrom(...tokens),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const protocol = new ScriptedProtocol({ interests: tokens, connect: ({ host }) => host.connected("me") });
      await using setup = await startTestManager([protocol]);
      const target = await setup.request(protocol.name, { account: "me" });
      await new ConnectionClient(setup.client, target).connect();
      const open = () => connect({ bus: setup.daemon.address });
      const clients = [await open(), await open(), await open()];
      for (const { client, action, token } of steps) {
        const bus = clients[client] ?? setup.client;
        const connection = new ConnectionClient(bus, target);
        // Replies are not awaited, so that clients leave while calls are pending.
        if (action === "add") connection.addClientInterest([token]).catch(() => undefined);
        else if (action === "remove") connection.removeClientInterest([token]).catch(() => undefined);
        else {
          await bus.close();
          clients[client] = await open();
        }
      }
      await Promise.all(clients.map((bus) => bus.close()));
      const { log } = protocol.last;
      const balance = (token: string) =>
        log.filter((entry) => entry === `+${token}`).length - log.filter((entry) => entry === `-${token}`).length;
      await new ConnectionClient(setup.client, target).addClientInterest([]);
      await until("the interest has ended", () => tokens.every((token) => balance(token) === 0));
      for (const token of tokens) {
        const signs = log.filter((entry) => entry.endsWith(token)).map((entry) => entry[0]);
        expect(signs).toEqual(signs.map((_, index) => (index % 2 === 0 ? "+" : "-")));
      }
    }),
    { numRuns: 25 },
  );
});
