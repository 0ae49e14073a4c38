import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { ConnectionClient, HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ConnectionManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { expect, onTestFinished, test } from "vitest";
import { RemoteConnection } from "../../../../runtime/telepathy/client/remote-connection.ts";
import { RemoteManager } from "../../../../runtime/telepathy/client/remote-manager.ts";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";
import { LOOPBACK_INTERESTS, loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { startTestManager } from "../test-manager.ts";

/** Resolves with the error message of a call, or with `done` if it succeeds. */
function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "done",
    (error: Error) => error.message,
  );
}

test("the connections of a client, of a user and of all are limited; a connection that ends makes room", async () => {
  const quotas = { connectionsPerClient: 2, connectionsPerUser: 3 };
  await using setup = await startTestManager([loopback], { quotas });
  await using second = await connect({ bus: setup.daemon.address });
  await using third = await connect({ bus: setup.daemon.address });
  let account = 0;
  const request = (bus: Bus) =>
    new ConnectionManagerClient(bus, setup.manager.target).requestConnection("loopback", { account: `a${account++}` });
  const [destination, path] = await request(setup.client);
  expect(await outcome(request(setup.client))).toBe("done");
  expect(await outcome(request(setup.client))).toBe("a client may have 2 connections");
  expect(await outcome(request(second))).toBe("done");
  for (let number = 0; number < 17; number++) {
    expect(await outcome(request(third))).toBe("a user may have 3 connections");
  }
  expect(setup.manager.connectionCount).toBe(3);
  await new ConnectionClient(third, { destination, path }).disconnect();
  expect(await outcome(request(third))).toBe("done");
});

test("a connection that the protocol refuses is not counted", async () => {
  await using setup = await startTestManager([loopback], { quotas: { connections: 1 } });
  for (let number = 0; number < 3; number++) {
    expect(await outcome(setup.request("loopback", { account: "" }))).toBe("parameter account is empty");
  }
  expect(await outcome(setup.request("loopback", { account: "a" }))).toBe("done");
  expect(await outcome(setup.request("loopback", { account: "b" }))).toBe("there may be 1 connections");
});

test("large parameters are refused without their values", async () => {
  await using setup = await startTestManager([loopback], { quotas: { parameterBytes: 100 } });
  const account = "x".repeat(101);
  expect(await outcome(setup.request("loopback", { account }))).toBe(
    "the parameters may have at most 100 bytes in total",
  );
});

test("the handles of a client and of a user are limited over all connections, until the connections end", async () => {
  const quotas = { handlesPerClient: 10, handlesPerUser: 15 };
  await using setup = await startTestManager([loopback], { quotas });
  await using second = await connect({ bus: setup.daemon.address });
  const open = async (account: string): Promise<(bus: Bus) => ConnectionClient> => {
    const target = await setup.request("loopback", { account });
    await new ConnectionClient(setup.client, target).connect();
    return (bus) => new ConnectionClient(bus, target);
  };
  const [one, two] = [await open("one"), await open("two")];
  const names = (count: number, prefix = "n"): string[] => Array.from({ length: count }, (_, index) => prefix + index);
  const request = (connection: ConnectionClient, identifiers: readonly string[]) =>
    outcome(connection.requestHandles(HandleType.Contact, identifiers));
  expect(await request(one(setup.client), names(6))).toBe("done");
  expect(await request(two(setup.client), names(5))).toBe("a client may have 10 handles");
  expect(await request(two(setup.client), [...names(4), ...names(4)])).toBe("done");
  // Existing handles are not counted a second time, not even for another client.
  expect(await request(one(setup.client), names(6))).toBe("done");
  expect(await request(one(second), names(6))).toBe("done");
  expect(await request(one(second), names(6, "m"))).toBe("a user may have 15 handles");
  expect(await request(one(second), names(5, "m"))).toBe("done");
  await one(setup.client).disconnect();
  expect(await request(two(setup.client), names(6, "m"))).toBe("done");
  expect(await request(two(setup.client), ["another"])).toBe("a client may have 10 handles");
});

test("GetContactByID counts a new handle, and the quotas of all dialects are shared", async () => {
  const dialects = [DIALECTS["telepathy-0"], DIALECTS["telepathy-1-2012"]];
  await using setup = await startTestManager([loopback], { dialects, quotas: { handlesPerClient: 2, connections: 1 } });
  const managers = dialects.map(({ root }) => new RemoteManager(setup.client, "test", root));
  const [first, second] = managers;
  await using connection = await first?.connect("loopback", { account: "me" });
  const target = connection?.target ?? setup.manager.target;
  expect(await outcome(Promise.resolve(second?.request("loopback", { account: "you" })))).toBe(
    "there may be 1 connections",
  );
  const remote = new RemoteConnection(setup.client, target);
  const ids = ["a", "b", "A", "c"];
  const outcomes = [];
  for (const id of ids) outcomes.push(await outcome(remote.contactById(id, [])));
  expect(outcomes).toEqual(["done", "done", "done", "a client may have 2 handles"]);
});

test("the clients that are interested in a connection are limited; a client that leaves makes room", async () => {
  await using setup = await startTestManager([loopback], { interests: { maxClients: 2 } });
  const target = await setup.request("loopback", { account: "me" });
  const clients = [];
  for (let number = 0; number < 3; number++) clients.push(await connect({ bus: setup.daemon.address }));
  const [token] = LOOPBACK_INTERESTS;
  const add = (bus: Bus) => outcome(new ConnectionClient(bus, target).addClientInterest([token]));
  const [first, second, third] = clients;
  if (first === undefined || second === undefined || third === undefined) throw new Error("no clients");
  expect([await add(first), await add(first), await add(second)]).toEqual(["done", "done", "done"]);
  expect(await add(third)).toBe("there may be 2 interested clients");
  await first.close();
  await expect.poll(() => add(third)).toBe("done");
  for (const client of clients) await client.close();
});

test("the clients of one user that are interested in a connection are limited", async () => {
  await using setup = await startTestManager([loopback], { interests: { maxClients: 100, maxClientsPerUser: 4 } });
  const target = await setup.request("loopback", { account: "me" });
  const [token] = LOOPBACK_INTERESTS;
  const connections: ConnectionClient[] = [];
  const outcomes: unknown[] = [];
  for (let number = 0; number < 8; number++) {
    const bus = await connect({ bus: setup.daemon.address });
    onTestFinished(() => bus.close());
    const connection = new ConnectionClient(bus, target);
    connections.push(connection);
    outcomes.push(await outcome(connection.addClientInterest([token])));
  }
  // The user ids of the first two clients are not read.
  const refused = "a user may have 4 interested clients";
  expect(outcomes).toEqual([...new Array(6).fill("done"), refused, refused]);
  await connections[5]?.removeClientInterest([token]);
  const [first, , , , , , seventh] = connections;
  if (first === undefined || seventh === undefined) throw new Error("no connections");
  expect(await outcome(seventh.addClientInterest([token]))).toBe("done");
  expect(await outcome(first.addClientInterest([token]))).toBe("done");
});
