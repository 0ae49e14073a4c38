import { setTimeout as sleep } from "node:timers/promises";
import { connect, DBusError, Variant } from "@dbus-codegen-ts/runtime";
import { type TestBus, testBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import { FileChooser } from "../../../generator/catalogue/portals/generated/org.freedesktop.portal.FileChooser.ts";
import { GlobalShortcuts } from "../../../generator/catalogue/portals/generated/org.freedesktop.portal.GlobalShortcuts.ts";
import {
  Inhibit,
  InhibitFlags,
} from "../../../generator/catalogue/portals/generated/org.freedesktop.portal.Inhibit.ts";
import { Location } from "../../../generator/catalogue/portals/generated/org.freedesktop.portal.Location.ts";
import { Request } from "../../../generator/catalogue/portals/generated/org.freedesktop.portal.Request.ts";
import { Session } from "../../../generator/catalogue/portals/generated/org.freedesktop.portal.Session.ts";
import {
  DESKTOP,
  FileChooserPortal,
  GlobalShortcutsPortal,
  InhibitPortal,
  LocationPortal,
  RequestCancelledError,
  RequestFailedError,
} from "../../../generator/catalogue/portals/index.ts";
import { bodyCodec } from "../../../runtime/core/wire/arguments-codec.ts";

type Results = Readonly<Record<string, Variant>>;

/** Portals on a private bus. Request and Session objects record that they are closed. */
class Portals {
  readonly bus: TestBus;
  readonly closed: string[] = [];

  constructor(bus: TestBus) {
    this.bus = bus;
  }

  /** Returns the path of the object that belongs to a token. */
  path(kind: "request" | "session", token = ""): string {
    return `${DESKTOP.path}/${kind}/${this.bus.clients.uniqueName.slice(1).replace(".", "_")}/${token}`;
  }

  /**
   * Serves a Request object and sends its response after some milliseconds. With 0, the response is sent before the
   * reply of the call.
   */
  async respond(path: string, response: number, results: Results, delayMs = 0): Promise<string> {
    const { signals } = await this.bus.mock(path, Request, { close: () => void this.closed.push(path) });
    const emit = (): void => void signals.response(response, results);
    if (delayMs === 0) emit();
    else setTimeout(emit, delayMs);
    return path;
  }

  /** Serves a Request object without a response. */
  async wait(path: string): Promise<string> {
    await this.bus.mock(path, Request, { close: () => void this.closed.push(path) });
    return path;
  }

  /** Serves a Session object. */
  session(path: string) {
    return this.bus.mock(path, Session, { close: () => void this.closed.push(path) }, { version: 1 });
  }

  /** Waits until a Request or Session object is closed. */
  async untilClosed(): Promise<readonly string[]> {
    while (this.closed.length === 0) await sleep(5);
    return this.closed;
  }

  async own(): Promise<void> {
    await this.bus.services.requestName(DESKTOP.destination);
  }
}

async function portalsOf(bus: TestBus): Promise<Portals> {
  const portals = new Portals(bus);
  await portals.own();
  return portals;
}

const FILES = { uris: new Variant("as", ["file:///a"]), choices: new Variant("a(ss)", [["encoding", "utf8"]]) };
const OLD_PATH = "/org/freedesktop/portal/desktop/request/7";

/** Serves the file chooser with a handler for OpenFile, and returns its client. */
async function serveChooser(
  bus: TestBus,
  openFile: (portals: Portals, token: string | undefined) => Promise<string>,
): Promise<{ portals: Portals; chooser: FileChooserPortal }> {
  const portals = await portalsOf(bus);
  await bus.mock(DESKTOP.path, FileChooser, {
    openFile: (_parent, _title, { handleToken }) => openFile(portals, handleToken),
  });
  return { portals, chooser: new FileChooserPortal(bus.clients) };
}

describe("a request returns typed results", () => {
  test.each([
    [
      "that are sent before the reply of the call",
      (portals: Portals, token = "") => portals.respond(portals.path("request", token), 0, FILES),
    ],
    [
      "that are sent later",
      (portals: Portals, token = "") => portals.respond(portals.path("request", token), 0, FILES, 20),
    ],
    [
      "of an object with another path, as old portals have it",
      (portals: Portals) => portals.respond(OLD_PATH, 0, FILES, 100),
    ],
  ])("%s", async (_, openFile) => {
    await using bus = await testBus();
    const { chooser } = await serveChooser(bus, openFile);
    const { uris, choices } = await chooser.openFile("", "Open", { multiple: true });
    expect([uris, choices]).toEqual([["file:///a"], [{ id: "encoding", item: "utf8" }]]);
    expect(bus.clients.usage).toMatchObject({ listeners: 0, pendingCalls: 0 });
  });
});

test.each([
  [1, RequestCancelledError, "the user has cancelled the request"],
  [2, RequestFailedError, "the request has ended with response 2"],
  [9, RequestFailedError, "the request has ended with response 9"],
])("response %i is an error", async (response, errorClass, message) => {
  await using bus = await testBus();
  const { chooser, portals } = await serveChooser(bus, (portals, token) =>
    portals.respond(portals.path("request", token), response, {}),
  );
  const error: unknown = await chooser.openFile("", "Open").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(errorClass);
  expect(error).toMatchObject({ message });
  expect(portals.closed).toEqual([]);
});

describe("a request that is no longer awaited is closed", () => {
  test("when the signal aborts", async () => {
    await using bus = await testBus();
    const abort = new AbortController();
    const { chooser, portals } = await serveChooser(bus, async (portals, token) => {
      setTimeout(() => abort.abort(new Error("not needed")), 20);
      return portals.wait(portals.path("request", token));
    });
    const waiting = chooser.openFile("", "Open", {}, { signal: abort.signal });
    await expect(waiting).rejects.toThrow("not needed");
    expect(await portals.untilClosed()).toEqual([expect.stringContaining("/request/")]);
    expect(bus.clients.usage.listeners).toBe(0);
  });

  test("when the signal aborts before the reply of the call", async () => {
    await using bus = await testBus();
    const abort = new AbortController();
    const { chooser, portals } = await serveChooser(bus, async (portals) => {
      abort.abort(new Error("closed"));
      await sleep(20);
      return portals.wait(OLD_PATH);
    });
    await expect(chooser.openFile("", "Open", {}, { signal: abort.signal })).rejects.toThrow("closed");
    expect(await portals.untilClosed()).toEqual([OLD_PATH]);
  });

  test("and is not made if the signal has aborted", async () => {
    await using bus = await testBus();
    let calls = 0;
    const { chooser } = await serveChooser(bus, async () => `/${++calls}`);
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(chooser.openFile("", "Open", {}, { signal })).rejects.toThrow("too late");
    expect(calls).toBe(0);
  });
});

test("a request fails when the portals leave the bus", async () => {
  await using bus = await testBus();
  const { chooser } = await serveChooser(bus, async (portals, token) => {
    setTimeout(() => void bus.services.releaseName(DESKTOP.destination), 20);
    return portals.wait(portals.path("request", token));
  });
  await expect(chooser.openFile("", "Open")).rejects.toThrow("org.freedesktop.portal.Desktop has left the bus");
  expect(bus.clients.usage.listeners).toBe(0);
});

test.each<[title: string, signature: string, args: readonly unknown[]]>([
  ["without results", "u", [0]],
  ["whose results have another type", "ua{ss}", [0, {}]],
])("a response %s fails", async (_, signature, args) => {
  await using bus = await testBus();
  const { chooser } = await serveChooser(bus, async (portals, token) => {
    const path = portals.path("request", token);
    bus.services.emit({ path, interface: Request.name, member: "Response", codec: bodyCodec(signature), args });
    return path;
  });
  await expect(chooser.openFile("", "Open")).rejects.toThrow(RequestFailedError);
  expect(bus.clients.usage.listeners).toBe(0);
});

test("a response of another program is ignored, also at the path of the request", async () => {
  await using bus = await testBus();
  await using other = await connect({ bus: bus.address });
  const { chooser } = await serveChooser(bus, async (portals, token) => {
    const path = portals.path("request", token);
    const forged = { ...FILES, uris: new Variant("as", ["file:///etc/shadow"]) };
    const codec = bodyCodec("ua{sv}");
    const response = { path, interface: Request.name, member: "Response", codec, args: [0, forged] };
    other.emit(response);
    other.emit({ ...response, destination: bus.clients.uniqueName });
    await other.drained;
    return portals.respond(path, 0, FILES);
  });
  expect((await chooser.openFile("", "Open")).uris).toEqual(["file:///a"]);
});

test("a request fails when the connection is closed", async () => {
  await using bus = await testBus();
  const { chooser } = await serveChooser(bus, (portals, token) => portals.wait(portals.path("request", token)));
  const waiting = chooser.openFile("", "Open");
  waiting.catch(() => undefined);
  await expect.poll(() => bus.clients.usage).toMatchObject({ listeners: 1, pendingCalls: 0 });
  await bus.clients.close();
  await expect(waiting).rejects.toThrow("closed by this side");
});

test("a request fails with the error of the call", async () => {
  await using bus = await testBus();
  const { chooser } = await serveChooser(bus, () =>
    Promise.reject(new DBusError("org.freedesktop.portal.Error.NotAllowed", "sandbox")),
  );
  await expect(chooser.openFile("", "Open")).rejects.toMatchObject({
    errorName: "org.freedesktop.portal.Error.NotAllowed",
  });
  expect(bus.clients.usage.listeners).toBe(0);
});

/**
 * Serves shortcuts.
 *
 * @param otherPath - Path of the sessions, if it is not the one that follows from the token.
 */
async function serveShortcuts(bus: TestBus, otherPath?: string) {
  const portals = await portalsOf(bus);
  const sessions: Awaited<ReturnType<Portals["session"]>>[] = [];
  const shortcuts = await bus.mock(DESKTOP.path, GlobalShortcuts, {
    createSession: async ({ handleToken, sessionHandleToken }) => {
      const path = otherPath ?? portals.path("session", sessionHandleToken);
      sessions.push(await portals.session(path));
      return portals.respond(portals.path("request", handleToken), 0, { session_handle: new Variant("s", path) });
    },
    bindShortcuts: (_session, requested, _parent, { handleToken }) =>
      portals.respond(portals.path("request", handleToken), 0, {
        shortcuts: new Variant(
          "a(sa{sv})",
          requested.map(({ id, settings }): readonly [string, Results] => [
            id,
            {
              description: new Variant("s", settings.description ?? ""),
              trigger_description: new Variant("s", "Ctrl+A"),
            },
          ]),
        ),
      }),
  });
  return { portals, shortcuts, sessions, portal: new GlobalShortcutsPortal(bus.clients) };
}

describe("a session", () => {
  test.each([undefined, "/org/freedesktop/portal/desktop/session/7"])(
    "at the path %s is used and closed",
    async (path) => {
      await using bus = await testBus();
      const { portals, shortcuts, portal } = await serveShortcuts(bus, path);
      const activated: unknown[] = [];
      {
        await using session = await portal.createSession();
        const bound = await portal.bindShortcuts(session, [{ id: "a", settings: { description: "Ask" } }], "");
        expect(bound.shortcuts).toEqual([
          { id: "a", information: { description: "Ask", triggerDescription: "Ctrl+A" } },
        ]);
        await session.listen(portal.client.signals.activated, (id, timestamp, options) => {
          activated.push([id, timestamp, options]);
        });
        const ids: string[] = [];
        await session.listen(portal.client.signals.activated, (id) => void ids.push(id));
        shortcuts.signals.activated("/other", "a", 1n, {});
        shortcuts.signals.activated(session.handle, "a", 2n, { activationToken: "t" });
        while (activated.length === 0) await sleep(5);
        expect(portals.closed).toEqual([]);
        if (path !== undefined) expect(session.handle).toBe(path);
      }
      expect(activated).toEqual([["a", 2n, { activationToken: "t" }]]);
      expect(portals.closed).toEqual([expect.stringContaining("/session/")]);
      expect(bus.clients.usage.listeners).toBe(0);
    },
  );

  test("ends when the portal closes it, and is not closed a second time", async () => {
    await using bus = await testBus();
    const { portals, sessions, portal } = await serveShortcuts(bus);
    const session = await portal.createSession();
    const ended = new Promise((resolve) => session.ended.addEventListener("abort", resolve));
    sessions[0]?.signals.closed({});
    await ended;
    await session.close();
    expect(portals.closed).toEqual([]);
  });

  test("ends when the portals leave the bus", async () => {
    await using bus = await testBus();
    const { portal } = await serveShortcuts(bus);
    await using session = await portal.createSession();
    const ended = new Promise((resolve) => session.ended.addEventListener("abort", resolve));
    await bus.services.releaseName(DESKTOP.destination);
    await ended;
  });

  test("whose path is the reply of the call needs no request", async () => {
    await using bus = await testBus();
    const portals = await portalsOf(bus);
    await bus.mock(DESKTOP.path, Location, {
      createSession: async ({ sessionHandleToken, accuracy }) => {
        expect(accuracy).toBe(2);
        const path = portals.path("session", sessionHandleToken);
        await portals.session(path);
        return path;
      },
    });
    await (await new LocationPortal(bus.clients).createSession({ accuracy: 2 })).close();
    expect(portals.closed).toHaveLength(1);
  });

  test("that the portal refuses leaves nothing behind", async () => {
    await using bus = await testBus();
    await portalsOf(bus);
    await bus.mock(DESKTOP.path, Location, {
      createSession: () => {
        throw new DBusError("org.freedesktop.portal.Error.Failed", "no");
      },
    });
    await expect(new LocationPortal(bus.clients).createSession()).rejects.toThrow("no");
    expect(bus.clients.usage.listeners).toBe(0);
  });
});

test("an inhibition lasts until it is disposed of", async () => {
  await using bus = await testBus();
  const portals = await portalsOf(bus);
  await bus.mock(DESKTOP.path, Inhibit, {
    inhibit: (_window, flags) => portals.wait(`${OLD_PATH}${flags}`),
  });
  {
    await using _ = await new InhibitPortal(bus.clients).inhibit("", InhibitFlags.Suspend, { reason: "Recording" });
    expect(portals.closed).toEqual([]);
  }
  expect(portals.closed).toEqual([`${OLD_PATH}${InhibitFlags.Suspend}`]);
});
