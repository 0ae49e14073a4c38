import { once } from "node:events";
import { connect, LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { type TestBus, testBus } from "dbus-codegen-ts/testing";
import { expect, test } from "vitest";
import { EntryGroup } from "../../../generator/catalogue/avahi/generated/org.freedesktop.Avahi.EntryGroup.ts";
import { Server2 } from "../../../generator/catalogue/avahi/generated/org.freedesktop.Avahi.Server2.ts";
import { ServiceBrowser } from "../../../generator/catalogue/avahi/generated/org.freedesktop.Avahi.ServiceBrowser.ts";
import { CollisionError } from "../../../generator/catalogue/avahi/generated/org.freedesktop.Avahi.ts";
import { EntryGroupState, Protocol } from "../../../generator/catalogue/avahi/generated/types.ts";
import { AVAHI, browse, parseTxt, publish, resolveService } from "../../../generator/catalogue/avahi/index.ts";

const LAMP = { interface: 2, protocol: Protocol.Ipv4, name: "Desk", type: "_lamp._tcp", domain: "local" } as const;

/**
 * Serves Avahi with a search that adds a service, completes and removes the service, and with the address of the
 * service.
 */
async function servedSearch() {
  const bus = await testBus();
  const calls: string[] = [];
  await bus.mock(AVAHI.path, Server2, {
    serviceBrowserPrepare: () => "/browser",
    resolveService: (at, protocol, name, type, domain) => {
      const txt = [new TextEncoder().encode("state=on")];
      return [at, protocol, name, type, domain, "desk.local", Protocol.Ipv4, "192.0.2.7", 80, txt, 0];
    },
  });
  const { interface: at, protocol, name, type, domain } = LAMP;
  const browser = await bus.mock("/browser", ServiceBrowser, {
    start: () => {
      browser.signals.itemNew(at, protocol, name, type, domain, 8);
      browser.signals.allForNow();
      browser.signals.itemRemove(at, protocol, name, type, domain, 0);
    },
    free: () => void calls.push("free"),
  });
  await bus.services.requestName(AVAHI.destination);
  return { bus, browser, calls };
}

test("browse yields services that come and go, from the beginning, and ends the search", async () => {
  const { bus, calls } = await servedSearch();
  await using _ = bus;
  await using program = await connect({ bus: bus.address });
  const changes: unknown[] = [];
  for await (const change of browse(program, LAMP.type)) {
    changes.push(change);
    if (change.kind === "removed") break;
  }
  expect(changes).toEqual([
    { kind: "added", service: LAMP, flags: 8 },
    { kind: "complete" },
    { kind: "removed", service: LAMP },
  ]);
  expect(calls).toEqual(["free"]);
  const { host, address, port, values } = await resolveService(program, LAMP);
  expect([host, address, port, [...values]]).toEqual(["desk.local", "192.0.2.7", 80, [["state", "on"]]]);
});

test("browse ends when it is aborted, and throws when the search fails or Avahi ends", async () => {
  const { bus, browser, calls } = await servedSearch();
  await using _ = bus;
  await using program = await connect({ bus: bus.address });
  /** Browses, and calls `end` after the third change. Returns the number of changes, or the error. */
  const outcome = async (end: () => unknown, signal?: AbortSignal) => {
    let count = 0;
    try {
      for await (const _change of browse(program, LAMP.type, signal && { signal })) if (++count === 3) await end();
      return count;
    } catch (error) {
      return String(error);
    }
  };
  const controller = new AbortController();
  expect(await outcome(() => controller.abort(), controller.signal)).toBe(3);
  expect(await outcome(() => undefined, AbortSignal.abort())).toBe(0);
  expect(await outcome(() => browser.signals.failure("org.freedesktop.Avahi.TimeoutError"))).toMatch(/has failed/);
  expect(await outcome(() => bus.services.releaseName(AVAHI.destination))).toMatch(/Avahi has left the bus/);
  expect(calls).toEqual(["free", "free"]);
});

test("browse ends when more changes wait than are kept", async () => {
  const { bus, browser, calls } = await servedSearch();
  await using _ = bus;
  await using program = await connect({ bus: bus.address });
  const { interface: at, protocol, type, domain } = LAMP;
  const changes = browse(program, LAMP.type);
  await changes.next();
  for (let number = 0; number < 10_500; number++) browser.signals.itemNew(at, protocol, `${number}`, type, domain, 0);
  browser.signals.allForNow();
  // The replies of a connection arrive in the order of its signals.
  await resolveService(program, LAMP);
  let count = 1;
  const rest = async (): Promise<void> => {
    for await (const _change of changes) count++;
  };
  await expect(rest()).rejects.toThrow(LimitsExceededError);
  expect(count).toBeLessThanOrEqual(10_001);
  expect(calls).toEqual(["free"]);
});

/** Serves an entry group that accepts a number of names and reports a collision for every later name. */
async function servedCollisions(bus: TestBus, successes: number) {
  const names: string[] = [];
  await bus.mock(AVAHI.path, Server2, {
    entryGroupNew: () => "/group",
    getAlternativeServiceName: (name) => `${name}+`,
  });
  const group = await bus.mock("/group", EntryGroup, {
    addService: (...[, , , name]) => void names.push(name),
    commit: () => {
      const state = names.length <= successes ? EntryGroupState.Established : EntryGroupState.Collision;
      group.signals.stateChanged(state, "");
    },
    reset: () => undefined,
    free: () => undefined,
  });
  await bus.services.requestName(AVAHI.destination);
  return { group, names };
}

const SERVICE = { name: "Desk", type: "_lamp._tcp", port: 80 };

test("a host that claims every name does not keep publish busy forever, and what has been published ends", async () => {
  await using bus = await testBus();
  const { names } = await servedCollisions(bus, 0);
  await using program = await connect({ bus: bus.address });
  await expect(publish(program, SERVICE)).rejects.toThrow("32 names like Desk are used by others");
  expect(names).toHaveLength(32);
  await using other = await testBus();
  const later = await servedCollisions(other, 1);
  await using published = await publish(other.clients, SERVICE);
  const ended = once(published.ended, "abort");
  later.group.signals.stateChanged(EntryGroupState.Collision, "");
  await ended;
  expect(String(published.ended.reason)).toContain("32 names like Desk");
});

test("publish fails, and a publication ends, when Avahi leaves the bus", async () => {
  await using bus = await testBus();
  const { names } = await servedCollisions(bus, 1);
  await using program = await connect({ bus: bus.address });
  await using published = await publish(program, SERVICE);
  const ended = once(published.ended, "abort");
  const waiting = publish(program, SERVICE);
  waiting.catch(() => undefined);
  await expect.poll(() => names.length).toBeGreaterThan(1);
  await bus.services.releaseName(AVAHI.destination);
  await ended;
  await expect(waiting).rejects.toThrow();
});

test("a published service gets another name after a collision, at once or later, and is withdrawn at the end", async () => {
  await using bus = await testBus();
  const calls: unknown[] = [];
  await bus.mock(AVAHI.path, Server2, {
    entryGroupNew: () => "/group",
    getAlternativeServiceName: (name) => `${name}+`,
  });
  const group = await bus.mock("/group", EntryGroup, {
    addService: (...[, , , name, , , , port, txt]) => {
      calls.push([name, port, [...parseTxt(txt)]]);
      if (name === "Desk") throw new CollisionError("used on this machine");
    },
    addServiceSubtype: (...[, , , name, , , subtype]) => void calls.push([name, subtype]),
    updateServiceTxt: (...[, , , name, , , txt]) => void calls.push([name, [...parseTxt(txt)]]),
    commit: () => {
      const state = calls.length === 3 ? EntryGroupState.Collision : EntryGroupState.Established;
      group.signals.stateChanged(state, "");
    },
    reset: () => undefined,
    free: () => void calls.push("free"),
  });
  await bus.services.requestName(AVAHI.destination);
  await using program = await connect({ bus: bus.address });
  const values = { state: "off" };
  const service = { name: "Desk", type: "_lamp._tcp", port: 80, values, subtypes: ["_red._sub._lamp._tcp"] };
  {
    await using published = await publish(program, service);
    expect(published.name).toBe("Desk++");
    await published.update({ state: "on" });
  }
  expect(calls).toEqual([
    ["Desk", 80, [["state", "off"]]],
    ["Desk+", 80, [["state", "off"]]],
    ["Desk+", "_red._sub._lamp._tcp"],
    ["Desk++", 80, [["state", "off"]]],
    ["Desk++", "_red._sub._lamp._tcp"],
    ["Desk++", [["state", "on"]]],
    "free",
  ]);
});

test("publish rejects when Avahi cannot publish the service", async () => {
  await using bus = await testBus();
  await bus.mock(AVAHI.path, Server2, { entryGroupNew: () => "/group" });
  const group = await bus.mock("/group", EntryGroup, {
    addService: () => undefined,
    commit: () => void group.signals.stateChanged(EntryGroupState.Failure, "org.freedesktop.Avahi.OSError"),
    free: () => undefined,
  });
  await bus.services.requestName(AVAHI.destination);
  await using program = await connect({ bus: bus.address });
  await expect(publish(program, { name: "Desk", type: "_lamp._tcp", port: 80 })).rejects.toThrow("OSError");
});
