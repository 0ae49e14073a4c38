import { DBusError } from "@dbus-codegen-ts/runtime";
import { type TestBus, testBus } from "dbus-codegen-ts/testing";
import { expect, test } from "vitest";
import {
  AgentClient,
  AgentService,
} from "../../../generator/catalogue/geoclue/generated/org.freedesktop.GeoClue2.Agent.ts";
import { Client } from "../../../generator/catalogue/geoclue/generated/org.freedesktop.GeoClue2.Client.ts";
import { Location } from "../../../generator/catalogue/geoclue/generated/org.freedesktop.GeoClue2.Location.ts";
import {
  AccuracyLevel,
  Manager,
} from "../../../generator/catalogue/geoclue/generated/org.freedesktop.GeoClue2.Manager.ts";
import { MANAGER, positions, registerAgent } from "../../../generator/catalogue/geoclue/index.ts";

const CLIENT = "/org/freedesktop/GeoClue2/Client/1";

/** Serves two positions, the first of which is sent by Start, and returns the calls. */
async function serve(bus: TestBus, isAllowed = true) {
  const calls: unknown[] = [];
  for (const [index, latitude] of [49.5, 50].entries()) {
    await bus.mock(`${CLIENT}/Location/${index}`, Location, {}, { latitude, accuracy: 3 });
  }
  const client = await bus.mock(CLIENT, Client, {
    start: () => {
      if (!isAllowed) throw new DBusError("org.freedesktop.DBus.Error.AccessDenied", "denied");
      const { desktopId, requestedAccuracyLevel, distanceThreshold } = client.properties;
      calls.push([desktopId, requestedAccuracyLevel, distanceThreshold]);
      client.signals.locationUpdated("/", `${CLIENT}/Location/0`);
    },
  });
  await bus.mock(MANAGER.path, Manager, {
    createClient: () => CLIENT,
    deleteClient: (path) => void calls.push(["delete", path]),
    addAgent: (id) => void calls.push(["agent", id]),
  });
  await bus.services.requestName(MANAGER.destination);
  return { calls, client };
}

const OPTIONS = { desktopId: "org.example.Weather", accuracy: AccuracyLevel.City, distanceMeters: 100 };

test("positions are read in order, and the client is removed after the loop", async () => {
  await using bus = await testBus();
  const { calls, client } = await serve(bus);
  const latitudes: unknown[] = [];
  for await (const { latitude } of positions(bus.clients, OPTIONS)) {
    latitudes.push(latitude);
    if (latitudes.length === 2) break;
    client.signals.locationUpdated(`${CLIENT}/Location/0`, `${CLIENT}/Location/1`);
  }
  expect(latitudes).toEqual([49.5, 50]);
  expect(calls).toEqual([
    ["org.example.Weather", 4, 100],
    ["delete", CLIENT],
  ]);
  expect(bus.clients.usage.listeners).toBe(0);
});

test("a service that announces more positions than can be read is not called for each of them", async () => {
  await using bus = await testBus();
  const { client } = await serve(bus);
  const iterator = positions(bus.clients, OPTIONS);
  await iterator.next();
  const before = bus.clients.counters.messagesOut;
  for (let number = 0; number < 1000; number++) client.signals.locationUpdated("/", `${CLIENT}/Location/0`);
  client.signals.locationUpdated("/", `${CLIENT}/Location/1`);
  while ((await iterator.next()).value?.latitude !== 50);
  expect(bus.clients.counters.messagesOut - before).toBeLessThan(500);
  await iterator.return?.();
});

test("a refusal is thrown, and the client is removed", async () => {
  await using bus = await testBus();
  const { calls } = await serve(bus, false);
  await expect(positions(bus.clients, OPTIONS).next()).rejects.toThrow("denied");
  expect(calls).toEqual([["delete", CLIENT]]);
});

test("the iteration ends with an error when the service ends", async () => {
  await using bus = await testBus();
  await serve(bus);
  const iterator = positions(bus.clients, OPTIONS);
  await iterator.next();
  const ended = expect(iterator.next()).rejects.toThrow("org.freedesktop.GeoClue2 has left the bus");
  await bus.services.releaseName(MANAGER.destination);
  await ended;
});

test("the iteration ends with an error when the connection is closed", async () => {
  await using bus = await testBus();
  await serve(bus);
  const iterator = positions(bus.clients, OPTIONS);
  await iterator.next();
  const ended = expect(iterator.next()).rejects.toThrow("closed by this side");
  await bus.clients.close();
  await ended;
});

test("an agent is served until it is closed", async () => {
  class Agent extends AgentService {
    override authorizeApp(desktopId: string, requested: AccuracyLevel): [boolean, AccuracyLevel] {
      return [desktopId === "org.example.Weather", requested];
    }
  }
  await using bus = await testBus();
  const { calls } = await serve(bus);
  const path = "/org/freedesktop/GeoClue2/Agent";
  const client = new AgentClient(bus.services, { destination: bus.clients.uniqueName, path });
  {
    await using _ = await registerAgent(
      bus.clients,
      new Agent({ maxAccuracyLevel: AccuracyLevel.Exact }),
      "org.example.Agent",
    );
    expect(await client.authorizeApp("org.example.Weather", AccuracyLevel.City)).toEqual([true, AccuracyLevel.City]);
  }
  expect(calls).toEqual([["agent", "org.example.Agent"]]);
  await expect(client.authorizeApp("org.example.Weather", AccuracyLevel.City)).rejects.toThrow();
});
