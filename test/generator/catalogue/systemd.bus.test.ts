import { Variant } from "@dbus-codegen-ts/runtime";
import { testBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import {
  JobMode,
  Manager,
  ManagerClient,
} from "../../../generator/catalogue/systemd/generated/org.freedesktop.systemd1.Manager.ts";
import { MANAGER, runJob, unitProperties } from "../../../generator/catalogue/systemd/index.ts";
import { bodyCodec } from "../../../runtime/core/wire/arguments-codec.ts";

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
    return { bus, manager, client: bus.client(ManagerClient, MANAGER.path) };
  }

  /** Calls `runJob` for a job that does not end. `replied` resolves after the reply that contains the path of the job. */
  function waitForOther(client: ManagerClient, signal?: AbortSignal) {
    let reply = (): void => undefined;
    const replied = new Promise<void>((resolve) => (reply = resolve));
    const start = async (): Promise<string> => {
      // The reply of the call is processed before any test goes on.
      setImmediate(reply);
      return "/org/freedesktop/systemd1/job/9";
    };
    const result = runJob(client, start, signal && { signal });
    result.catch(() => undefined);
    return { result, replied };
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

  test("until it is aborted before the manager has replied", async () => {
    const { bus, client } = await served(false);
    await using _ = bus;
    const controller = new AbortController();
    const start = async (): Promise<string> => {
      controller.abort(new Error("not needed"));
      return "/org/freedesktop/systemd1/job/9";
    };
    await expect(runJob(client, start, { signal: controller.signal })).rejects.toThrow("not needed");
    const never = runJob(client, () => new Promise(() => controller.abort()), { signal: AbortSignal.timeout(50) });
    await expect(never).rejects.toThrow("aborted due to timeout");
  });

  test("until the manager leaves the bus, or the connection is closed", async () => {
    const { bus, client } = await served(false);
    await using _ = bus;
    const name = "org.example.Systemd";
    await bus.services.requestName(name);
    const named = waitForOther(new ManagerClient(bus.clients, { ...MANAGER, destination: name }));
    await named.replied;
    await bus.services.releaseName(name);
    await expect(named.result).rejects.toThrow("org.example.Systemd has left the bus");
    const unnamed = waitForOther(client);
    await unnamed.replied;
    await bus.clients.close();
    await expect(unnamed.result).rejects.toThrow("closed by this side");
  });

  test("until a result cannot be read", async () => {
    const { bus, client } = await served(false);
    await using _ = bus;
    const { result, replied } = waitForOther(client);
    await replied;
    const signal = { path: MANAGER.path, interface: Manager.name, member: "JobRemoved" };
    bus.services.emit({ ...signal, codec: bodyCodec("uo"), args: [9, "/org/freedesktop/systemd1/job/9"] });
    await expect(result).rejects.toThrow("JobRemoved");
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
