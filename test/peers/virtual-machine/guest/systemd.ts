import { strict as assert } from "node:assert";
import { mkdir, writeFile } from "node:fs/promises";
import type { Bus } from "@dbus-codegen-ts/runtime";
import { runJob, type UnitSettings, unitProperties } from "@dbus-codegen-ts/systemd";
import { NoSuchUnitError } from "@dbus-codegen-ts/systemd/org.freedesktop.systemd1";
import { ActiveState, JobMode, type ManagerClient } from "@dbus-codegen-ts/systemd/org.freedesktop.systemd1.Manager";
import { ScopeClient } from "@dbus-codegen-ts/systemd/org.freedesktop.systemd1.Scope";
import { ServiceClient, ServiceResult } from "@dbus-codegen-ts/systemd/org.freedesktop.systemd1.Service";
import { UnitClient } from "@dbus-codegen-ts/systemd/org.freedesktop.systemd1.Unit";
import { serviceManager, systemBus } from "./bus.ts";
import type { Check, Group } from "./check.ts";
import { start, stop, until } from "./shell.ts";

const UNITS = "/run/systemd/system";
const DESTINATION = "org.freedesktop.systemd1";

/**
 * Number of services whose properties are read. Each has 300 properties, for which the emulated machine needs a second.
 */
const MAX_SERVICES = 5;

/** Services by name: the lines of section Unit, and those of section Service. */
const SERVICES: Readonly<Record<string, readonly [unit: string, service: string]>> = {
  works: ["", "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 1"],
  fails: ["", "Type=oneshot\nExecStart=/bin/false"],
  needs: ["Requires=fails.service\nAfter=fails.service", "Type=oneshot\nExecStart=/bin/true"],
  hangs: ["JobRunningTimeoutSec=1", "Type=oneshot\nExecStart=/bin/sleep 60"],
  waits: ["", "Type=oneshot\nExecStart=/bin/sleep 60"],
  asserts: ["AssertPathExists=/nowhere", "Type=oneshot\nExecStart=/bin/true"],
};

/** All declared settings of a service, with values that differ from systemd's defaults. */
const SETTINGS = {
  description: "Counts",
  slice: "checks.slice",
  wants: ["works.service"],
  requires: ["basic.target"],
  after: ["works.service"],
  collectMode: "inactive-or-failed",
  type: "exec",
  execStart: [{ path: "/bin/sh", arguments: ["sh", "-c", "pwd; exec sleep 60"], ignoreFailure: true }],
  remainAfterExit: true,
  user: "tester",
  workingDirectory: "/home/tester",
  environment: ["A=1", "B=two words"],
  standardOutput: "null",
  memoryMax: 64n * 1024n * 1024n,
  tasksMax: 17n,
  cpuQuotaPerSecUSec: 500_000n,
  cpuWeight: 50n,
  runtimeMaxUSec: 60_000_000n,
} as const satisfies UnitSettings;

export const SYSTEMD: Group = {
  name: "systemd",
  async run(check) {
    await using bus = await systemBus();
    const manager = serviceManager(bus);
    await mkdir(UNITS, { recursive: true });
    for (const [name, [unit, service]] of Object.entries(SERVICES)) {
      await writeFile(`${UNITS}/${name}.service`, `[Unit]\n${unit}\n[Service]\n${service}\n`);
    }
    await manager.reload();
    await checkJobs(check, bus, manager);
    await checkTransientUnits(check, bus, manager);
    await checkLists(check, bus, manager);
  },
};

async function checkJobs(check: Check, bus: Bus, manager: ManagerClient): Promise<void> {
  const startJob = (name: string) => runJob(manager, () => manager.startUnit(`${name}.service`, JobMode.Replace));
  await check("StartUnit is awaited", async () => {
    const startMs = performance.now();
    assert.equal(await startJob("works"), "done");
    const elapsedMs = performance.now() - startMs;
    assert.ok(elapsedMs > 1000);
    const path = await manager.getUnit("works.service");
    const state = await new UnitClient(bus, { destination: DESTINATION, path }).properties.activeState.get();
    assert.equal(state, ActiveState.Active);
    return `done after ${elapsedMs.toFixed(0)} ms, unit ${state}`;
  });
  for (const [name, expected] of [
    ["fails", "failed"],
    ["needs", "dependency"],
    ["hangs", "timeout"],
    ["asserts", "assert"],
  ] as const) {
    await check(`a job that ends with ${expected}`, async () => {
      const result = await startJob(name);
      assert.equal(result, expected);
      return result;
    });
  }
  await check("a job that is cancelled", async () => {
    const waiting = startJob("waits");
    await until("the job runs", async () => (await manager.listJobs()).some(({ state }) => state === "running"));
    const stopped = await runJob(manager, () => manager.stopUnit("waits.service", JobMode.Replace));
    assert.deepEqual([await waiting, stopped], ["canceled", "done"]);
    return "canceled, and the job that replaces it is done";
  });
  await check("jobs at the same time", async () => {
    const results = await Promise.all(["works", "fails", "needs"].map(startJob));
    assert.deepEqual(results.slice(0, 2), ["done", "failed"]);
    return results.join(", ");
  });
  await check("a unit that does not exist", async () => {
    const error = await startJob("nothing").catch((reason: unknown) => reason);
    assert.equal(Reflect.get(Object(error), "errorName"), NoSuchUnitError.errorName);
    return String(error);
  });
  await check("systemd is reloaded while a job is awaited", async () => {
    const waiting = startJob("waits");
    await until("the job runs", async () => (await manager.listJobs()).some(({ state }) => state === "running"));
    await manager.reload();
    await manager.stopUnit("waits.service", JobMode.Replace);
    assert.equal(await waiting, "canceled");
    return "canceled";
  });
}

async function checkTransientUnits(check: Check, bus: Bus, manager: ManagerClient): Promise<void> {
  const name = "counts.service";
  const clientOf = async (): Promise<ServiceClient> =>
    new ServiceClient(bus, { destination: DESTINATION, path: await manager.getUnit(name) });
  await check("a transient service with every declared setting", async () => {
    const properties = unitProperties(SETTINGS);
    const start = () => manager.startTransientUnit(name, JobMode.Fail, properties, []);
    assert.equal(await runJob(manager, start), "done");
    const values = await (await clientOf()).$getAll();
    const { execStart, ...expected } = SETTINGS;
    const others = ["description", "wants", "requires", "after", "collectMode"];
    for (const [key, value] of Object.entries(expected)) {
      if (!others.includes(key)) assert.deepEqual([key, Reflect.get(values, key)], [key, value]);
    }
    const [command] = values.execStart ?? [];
    assert.deepEqual([command?.path, command?.arguments], [execStart[0].path, execStart[0].arguments]);
    assert.equal(command?.ignoreFailure, true);
    assert.equal(values.result, ServiceResult.Success);
    const path = await manager.getUnit(name);
    const unit = await new UnitClient(bus, { destination: DESTINATION, path }).$getAll();
    assert.deepEqual([unit.description, unit.collectMode], [SETTINGS.description, SETTINGS.collectMode]);
    assert.ok(unit.wants?.includes("works.service") && unit.requires?.includes("basic.target"));
    assert.ok(unit.after?.includes("works.service") && unit.transient);
    return `${properties.length} settings read back`;
  });
  await check("a typed dictionary is read, changed and written back", async () => {
    const {
      memoryMax = 0n,
      tasksMax = 0n,
      cpuWeight = 0n,
      cpuQuotaPerSecUSec = 0n,
    } = await (await clientOf()).$getAll();
    const changed = { memoryMax: memoryMax / 2n, tasksMax: tasksMax - 8n, cpuWeight, cpuQuotaPerSecUSec };
    await manager.setUnitProperties(name, true, unitProperties(changed));
    const after = await (await clientOf()).$getAll();
    assert.deepEqual({ ...after, ...changed }, after);
    assert.deepEqual([after.memoryMax, after.tasksMax], [32n << 20n, 9n]);
    assert.equal(await runJob(manager, () => manager.stopUnit(name, JobMode.Replace)), "done");
    return `properties of ${name}: MemoryMax ${memoryMax} to ${after.memoryMax}, TasksMax ${tasksMax} to ${after.tasksMax}`;
  });
  await check("a scope with a process", async () => {
    const child = start("/bin/sleep", "60");
    const properties = unitProperties({ pids: [child.pid ?? 0], slice: "checks.slice" });
    const started = await runJob(manager, () => manager.startTransientUnit("held.scope", JobMode.Fail, properties, []));
    assert.equal(started, "done");
    const path = await manager.getUnitByPID(child.pid ?? 0);
    const { controlGroup } = await new ScopeClient(bus, { destination: DESTINATION, path }).$getAll();
    assert.equal(controlGroup, "/checks.slice/held.scope");
    await stop(child);
    return controlGroup;
  });
}

async function checkLists(check: Check, bus: Bus, manager: ManagerClient): Promise<void> {
  await check("ListUnits, and the properties of each unit", async () => {
    const units = await manager.listUnits();
    const own = units.find((unit) => unit.name === "checks.service");
    assert.deepEqual([own?.loadState, own?.activeState, own?.subState], ["loaded", "active", "running"]);
    const services = units.filter((unit) => unit.name.endsWith(".service")).slice(0, MAX_SERVICES);
    for (const { unit: path } of services) await new ServiceClient(bus, { destination: DESTINATION, path }).$getAll();
    return `${units.length} units, all properties of ${services.length} services`;
  });
  await check("properties of the manager", async () => {
    const { version, systemState, virtualization } = await manager.$getAll();
    return `systemd ${version}, ${systemState}, ${virtualization}`;
  });
}
