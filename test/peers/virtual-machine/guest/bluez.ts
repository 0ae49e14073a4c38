import { strict as assert } from "node:assert";
import { BLUEZ as DAEMON, registerAgent } from "@dbus-codegen-ts/bluez";
import { Adapter1Client, Transport } from "@dbus-codegen-ts/bluez/org.bluez.Adapter1";
import { Agent1Service } from "@dbus-codegen-ts/bluez/org.bluez.Agent1";
import { AgentCapability } from "@dbus-codegen-ts/bluez/org.bluez.AgentManager1";
import { Device1Client } from "@dbus-codegen-ts/bluez/org.bluez.Device1";
import { type Bus, type LiveObject, type ObjectPath, watchObjects } from "@dbus-codegen-ts/runtime";
import { restartUnit, startUnits, stopUnits, systemBus } from "./bus.ts";
import type { Check, Group } from "./check.ts";
import { run, start, stop, until } from "./shell.ts";

/** Milliseconds after which BlueZ has repeated its search for devices at least once. */
const INQUIRY_MS = 15_000;

/** An agent that confirms every question and records it. */
class Confirm extends Agent1Service {
  readonly questions: string[] = [];

  authorizeService(device: ObjectPath): void {
    this.questions.push(`authorizeService ${device}`);
  }

  cancel(): void {
    this.questions.push("cancel");
  }

  displayPasskey(): void {}

  displayPinCode(): void {}

  release(): void {
    this.questions.push("release");
  }

  requestAuthorization(device: ObjectPath): void {
    this.questions.push(`requestAuthorization ${device}`);
  }

  requestConfirmation(device: ObjectPath, passkey: number): void {
    this.questions.push(`requestConfirmation ${device} ${passkey}`);
  }

  requestPasskey(): number {
    return 0;
  }

  requestPinCode(): string {
    return "0000";
  }
}

export const BLUEZ: Group = {
  name: "bluez",
  async run(check) {
    await run("modprobe", "hci_vhci");
    const controllers = start("btvirt", "-l2");
    controllers.stdout?.resume();
    await using bus = await systemBus();
    await startUnits(bus, "bluetooth.service");
    await checkDevices(check, bus);
    await stopUnits(bus, "bluetooth.service");
    await stop(controllers);
  },
};

async function checkDevices(check: Check, bus: Bus): Promise<void> {
  await using adapters = await watchObjects(bus, DAEMON.destination, "/", { interface: Adapter1Client });
  await using devices = await watchObjects(bus, DAEMON.destination, "/", { interface: Device1Client });
  const events: string[] = [];
  devices.subscribe(({ kind, object, changed }) => void events.push(`${kind} ${object.path} ${changed.join(",")}`));
  const sorted = (): readonly LiveObject<Adapter1Client>[] =>
    [...adapters.values()].sort((left, right) => left.path.localeCompare(right.path));
  await check("two adapters appear and are powered", async () => {
    await until("two adapters", () => adapters.size === 2);
    for (const { client, path } of adapters.values()) {
      await client.properties.powered.set(true);
      await client.properties.alias.set(`Adapter ${path}`);
    }
    await until("both are powered", () => [...adapters.values()].every(({ values }) => values.powered));
    return sorted()
      .map(({ path, values }) => `${path} ${values.address}`)
      .join(", ");
  });
  const [near, far] = sorted();
  if (near === undefined || far === undefined) return;
  const { address: farAddress = "" } = far.values;
  const found = (): LiveObject<Device1Client> | undefined =>
    [...devices.values()].find(({ path, values }) => path.startsWith(near.path) && values.address === farAddress);
  await check("typed properties are read, changed and written back", async () => {
    const { alias = "", discoverableTimeout = 0, pairableTimeout = 0 } = await near.client.$getAll();
    const before = { alias, discoverableTimeout, pairableTimeout };
    const changed = { alias: `${alias}, renamed`, discoverableTimeout: 60, pairableTimeout: 120 };
    for (const values of [changed, before]) {
      await near.client.properties.alias.set(values.alias);
      await near.client.properties.discoverableTimeout.set(values.discoverableTimeout);
      await near.client.properties.pairableTimeout.set(values.pairableTimeout);
      const after = await near.client.$getAll();
      assert.deepEqual({ ...after, ...values }, after);
      await until("the live values are the same", () => near.values.alias === values.alias);
    }
    return `${JSON.stringify(before)} to ${JSON.stringify(changed)} and back`;
  });
  await check("discovery finds the other adapter, unless a filter excludes it", async () => {
    await far.client.properties.discoverable.set(true);
    await far.client.properties.pairable.set(true);
    await near.client.properties.pairable.set(true);
    await near.client.setDiscoveryFilter({ transport: Transport.Bredr, pattern: "another name" });
    await near.client.startDiscovery();
    await new Promise((resolve) => setTimeout(resolve, INQUIRY_MS));
    assert.equal(found(), undefined);
    await near.client.stopDiscovery();
    await near.client.setDiscoveryFilter({ transport: Transport.Bredr, pattern: farAddress });
    await near.client.startDiscovery();
    const device = await until("the device is found", found);
    await near.client.stopDiscovery();
    return `${device.path}, alias ${device.values.alias}`;
  });
  const agent = new Confirm();
  const registration = await registerAgent(bus, agent, { capability: AgentCapability.DisplayYesNo, isDefault: true });
  const pair = async (): Promise<string> => {
    const device = found();
    assert.ok(device !== undefined);
    await device.client.pair({ timeout: 60_000 });
    await until("it is paired", () => found()?.values.paired);
    assert.ok(agent.questions.some((question) => question.startsWith("request")));
    return agent.questions.splice(0).join(", ");
  };
  await check("the agent confirms a pairing", pair);
  await check("connected is a live property", async () => {
    const device = found();
    const isConnected = device?.values.connected;
    await device?.client.disconnect();
    await until("it is disconnected", () => found()?.values.connected === false);
    return `${isConnected}, then false; ${events.length} events, such as ${events.at(-1)}`;
  });
  await check("a removed device leaves the live map", async () => {
    const device = found();
    if (device !== undefined) await near.client.removeDevice(device.path);
    await until("it is removed", () => found() === undefined);
    return events.at(-1) ?? "";
  });
  await check("BlueZ restarts: live maps are filled, the agent is registered", async () => {
    await restartUnit(bus, "bluetooth.service");
    await until("two adapters", () => adapters.size === 2);
    for (const { client } of adapters.values()) await client.properties.powered.set(true);
    await until("both are powered", () => [...adapters.values()].every(({ values }) => values.powered));
    const [first, second] = sorted();
    await second?.client.properties.discoverable.set(true);
    await first?.client.startDiscovery();
    await until("the device is found", found);
    await first?.client.stopDiscovery();
    return await pair();
  });
  await registration[Symbol.asyncDispose]();
}
