import type { Bus } from "@dbus-codegen-ts/runtime";
import { mock } from "dbus-codegen-ts/testing";
import { Manager } from "../../../generator/catalogue/systemd/generated/org.freedesktop.systemd1.Manager.ts";
import { MANAGER } from "../../../generator/catalogue/systemd/index.ts";

/** Serves systemd's manager under its name. Each of its jobs ends with success, and no process is started. */
export async function serveServiceManager(bus: Bus): Promise<void> {
  let id = 0;
  const runJob = (unit: string): string => {
    id += 1;
    const job = `${MANAGER.path}/job/${id}`;
    setImmediate((number) => manager.signals.jobRemoved(number, job, unit, "done"), id);
    return job;
  };
  const manager = mock(Manager, {
    subscribe: () => undefined,
    startUnit: runJob,
    stopUnit: runJob,
    startTransientUnit: runJob,
  });
  await bus.serve(MANAGER.path, manager.service);
  await bus.requestName(MANAGER.destination);
}
