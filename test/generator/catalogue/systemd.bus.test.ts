import { Variant } from "@dbus-codegen-ts/runtime";
import { testBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import {
  JobMode,
  Manager,
  ManagerClient,
} from "../../../generator/catalogue/systemd/generated/org.freedesktop.systemd1.Manager.ts";
import { MANAGER, runJob, unitProperties } from "../../../generator/catalogue/systemd/index.ts";

const JOB = "/org/freedesktop/systemd1/job/7";

describe("runJob waits for the end of the job", () => {
  /** Serves a manager whose jobs end before or after the reply. */
  async function served(endsBeforeReply: boolean) {
    const bus = await testBus();
    const manager = await bus.mock(MANAGER.path, Manager, {
      subscribe: () => undefined,
      startUnit: () => {
        const end = () => {
          manager.signals.jobRemoved(6, "/org/freedesktop/systemd1/job/6", "other.service", "failed");
          manager.signals.jobRemoved(7, JOB, "hello.service", "done");
        };
        if (endsBeforeReply) end();
        else setTimeout(end, 20);
        return JOB;
      },
    });
    return { bus, client: bus.client(ManagerClient, MANAGER.path) };
  }

  test.each([true, false])("which ends before the reply: %s", async (endsBeforeReply) => {
    const { bus, client } = await served(endsBeforeReply);
    await using _ = bus;
    expect(await runJob(client, () => client.startUnit("hello.service", JobMode.Fail))).toBe("done");
  });

  test("until it is aborted", async () => {
    const { bus, client } = await served(false);
    await using _ = bus;
    const aborted = runJob(client, async () => "/org/freedesktop/systemd1/job/9", { signal: AbortSignal.timeout(50) });
    await expect(aborted).rejects.toThrow("aborted due to timeout");
  });
});

test("unitProperties converts settings to names and variants", () => {
  expect(
    unitProperties({ execStart: [{ path: "/bin/true" }], memoryMax: 1n, extra: { Nice: new Variant("i", 5) } }),
  ).toEqual([
    { name: "MemoryMax", value: new Variant("t", 1n) },
    { name: "ExecStart", value: new Variant("a(sasb)", [["/bin/true", ["/bin/true"], false]]) },
    { name: "Nice", value: new Variant("i", 5) },
  ]);
});
