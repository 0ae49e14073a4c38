import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { MANAGER, runJob } from "@dbus-codegen-ts/systemd";
import { type JobResult, ManagerClient } from "@dbus-codegen-ts/systemd/org.freedesktop.systemd1.Manager";

/** Connects to the system bus of the machine. */
export const systemBus = (): Promise<Bus> => connect({ bus: "system" });

/** Returns the manager of the machine's services. */
export const serviceManager = (bus: Bus): ManagerClient => new ManagerClient(bus, MANAGER);

/** Starts services, in order. Rejects unless all jobs succeed. */
export async function startUnits(bus: Bus, ...units: readonly string[]): Promise<void> {
  const manager = serviceManager(bus);
  for (const unit of units) expectDone(unit, await runJob(manager, () => manager.startUnit(unit, "replace")));
}

/** Stops services, in order. Rejects unless all jobs succeed. */
export async function stopUnits(bus: Bus, ...units: readonly string[]): Promise<void> {
  const manager = serviceManager(bus);
  for (const unit of units) expectDone(unit, await runJob(manager, () => manager.stopUnit(unit, "replace")));
}

/** Restarts a service. Rejects unless the job succeeds. */
export async function restartUnit(bus: Bus, unit: string): Promise<void> {
  const manager = serviceManager(bus);
  expectDone(unit, await runJob(manager, () => manager.restartUnit(unit, "replace")));
}

function expectDone(unit: string, result: JobResult): void {
  if (result !== "done") throw new Error(`the job of ${unit} ended with ${result}`);
}
