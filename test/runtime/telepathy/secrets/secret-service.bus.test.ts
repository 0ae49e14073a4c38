import { type Bus, connect, FailedError } from "@dbus-codegen-ts/runtime";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SecretService } from "../../../../runtime/telepathy/secrets/secret-service.ts";
import { LockedError, SecretServiceError } from "../../../../runtime/telepathy/secrets/secret-service-error.ts";
import { monitorBus } from "../../../setup/bus-monitor.ts";
import { containsText } from "../../../setup/contains-text.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { eventually } from "../eventually.ts";
import { startNetworkBus } from "./network-bus.ts";
import { type Behavior, TestSecretService } from "./test-secret-service.ts";

const ITEM = { label: "a password", attributes: { account: "a", revision: "1" }, text: "pässword" };
const DH = "dh-ietf1024-sha256-aes128-cbc-pkcs7";

let daemon: PrivateBus;
let bus: Bus;
let service: SecretService;
beforeAll(async () => {
  daemon = await startPrivateBus();
});
afterAll(() => daemon.stop());
beforeEach(async () => {
  bus = await connect({ bus: daemon.address });
  service = new SecretService(bus);
});
afterEach(() => bus.close());

async function start(behavior: Partial<Behavior> = {}): Promise<TestSecretService> {
  return TestSecretService.start(await connect({ bus: daemon.address }), behavior);
}

describe("texts", () => {
  test("are stored, returned and deleted, and encrypted on the bus", async () => {
    await using remote = await start();
    await using monitor = await monitorBus(daemon.address);
    await service.store(ITEM);
    await service.store({ ...ITEM, attributes: { account: "a", revision: "2" }, text: "" });
    expect(remote.texts).toEqual(["pässword", ""]);
    expect(await service.read({ revision: "1" }, false)).toBe("pässword");
    expect(await service.read({ revision: "2" }, false)).toBe("");
    expect(await service.read({ revision: "3" }, false)).toBeUndefined();
    await service.delete({ account: "a" }, ({ revision }) => revision === "1");
    expect(remote.texts).toEqual([""]);
    expect(remote.calls).toEqual([`OpenSession ${DH}`, "CreateItem", "CreateItem"]);
    expect(monitor.messages.some(({ body }) => containsText(body, "a password"))).toBe(true);
    expect(monitor.messages.filter(({ body }) => containsText(body, "pässword"))).toEqual([]);
  });

  test("are sent without encryption if the service does not support it and is on this host", async () => {
    await using remote = await start({ algorithms: ["plain"] });
    await service.store(ITEM);
    expect(await service.read(ITEM.attributes, false)).toBe("pässword");
    expect(remote.calls.slice(0, 2)).toEqual([`OpenSession ${DH}`, "OpenSession plain"]);
  });

  test("are not sent without encryption over a network", async () => {
    await using network = await startNetworkBus();
    await using remote = await TestSecretService.start(await connect({ bus: network.address }), {
      algorithms: ["plain"],
    });
    await using local = await connect({ bus: network.address });
    await expect(new SecretService(local).store(ITEM)).rejects.toThrow("may be on another host");
    remote.behavior.algorithms = [DH];
    await new SecretService(local).store(ITEM);
    expect(remote.texts).toEqual(["pässword"]);
  });

  test("are sent only to the service that the session was negotiated with", async () => {
    const first = await start();
    await service.store(ITEM);
    await first[Symbol.asyncDispose]();
    await expect(service.store(ITEM)).rejects.toThrow("no Secret Service is running");
    await using second = await start();
    await service.store(ITEM);
    expect(second.texts).toEqual(["pässword"]);
    expect(second.calls).toEqual([`OpenSession ${DH}`, "CreateItem"]);
  });
});

describe("a service is not used", () => {
  const rows: readonly { name: string; behavior: Partial<Behavior>; error: string; isLocked: boolean }[] = [
    { name: "locked", behavior: { isLocked: true }, error: "the Secret Service is locked", isLocked: true },
    {
      name: "without a default collection",
      behavior: { hasDefault: false },
      error: "the Secret Service has no default collection",
      isLocked: true,
    },
    {
      name: "whose default collection ends with the login session",
      behavior: { isTransient: true },
      error: "the Secret Service has no default collection",
      isLocked: true,
    },
    {
      name: "that refuses an item, with a text that could be secret",
      behavior: { refusal: new FailedError("pässword") },
      error: "the Secret Service failed: org.freedesktop.DBus.Error.Failed",
      isLocked: false,
    },
    {
      name: "that supports no known algorithm",
      behavior: { algorithms: [] },
      error: "the Secret Service failed: org.freedesktop.DBus.Error.NotSupported",
      isLocked: false,
    },
  ];
  test.each(rows)("$name", async ({ behavior, error, isLocked }) => {
    await using _ = await start(behavior);
    const problem = await service.store(ITEM).catch((reason: unknown) => reason);
    expect(problem).toBeInstanceOf(isLocked ? LockedError : SecretServiceError);
    expect(String(problem)).toBe(`Error: ${error}`);
  });

  test("that is not running", async () => {
    expect(await service.isRunning()).toBe(false);
    await expect(service.store(ITEM)).rejects.toThrow(new SecretServiceError("no Secret Service is running"));
    await expect(service.read({}, true)).rejects.toThrow(new SecretServiceError("no Secret Service is running"));
  });
});

describe("a locked service", () => {
  test("is unlocked by the user for reading, with one prompt for several calls of unlock", async () => {
    await using remote = await start();
    await service.store(ITEM);
    remote.setLocked(true);
    await expect(service.read(ITEM.attributes, false)).rejects.toThrow("locked");
    expect(await service.read(ITEM.attributes, true)).toBe("pässword");
    remote.setLocked(true);
    remote.calls.length = 0;
    await Promise.all([service.unlock(), service.unlock()]);
    expect(remote.calls).toEqual(["Unlock", "Prompt accept"]);
    await service.store(ITEM);
  });

  test("gets a default collection if it has none", async () => {
    await using remote = await start({ hasDefault: false, isLocked: true });
    await service.unlock();
    expect(remote.calls).toEqual([`OpenSession ${DH}`, "CreateCollection", "Prompt accept"]);
    await service.store(ITEM);
  });

  test.each([
    { answer: "dismiss", error: "the user did not unlock the Secret Service", calls: ["Unlock", "Prompt dismiss"] },
    {
      answer: "none",
      error: "the user did not unlock the Secret Service in time",
      calls: ["Unlock", "Prompt none", "Dismiss"],
    },
  ] as const)("stays locked with the answer $answer", async ({ answer, error, calls }) => {
    await using remote = await start({ isLocked: true, answer });
    if (answer === "none") service = new SecretService(bus, { promptTimeoutMs: 50 });
    await expect(service.unlock()).rejects.toThrow(new SecretServiceError(error));
    await eventually(() => expect(remote.calls.slice(1)).toEqual(calls));
  });

  test("whose answer cannot be read stays locked", async () => {
    await using _ = await start({ isLocked: true, answer: "unreadable" });
    await expect(service.unlock()).rejects.toThrow("cannot read Completed");
  });

  test("that ends during the prompt rejects the call", async () => {
    const remote = await start({ isLocked: true, answer: "none" });
    const unlocked = new SecretService(bus).unlock();
    unlocked.catch(() => undefined);
    await eventually(() => expect(remote.calls).toContain("Prompt none"));
    await remote[Symbol.asyncDispose]();
    await expect(unlocked).rejects.toThrow("the Secret Service has ended");
  });
});

test("listeners are called when a service appears, and when a collection changes", async () => {
  const events: string[] = [];
  await using _ = await service.watch({
    appeared: () => events.push("appeared"),
    changed: () => events.push("changed"),
  });
  expect(events).toEqual([]);
  await using remote = await start({ isLocked: true });
  await eventually(() => expect(events).toEqual(["appeared"]));
  remote.setLocked(false);
  await eventually(() => expect(events).toEqual(["appeared", "changed"]));
});
