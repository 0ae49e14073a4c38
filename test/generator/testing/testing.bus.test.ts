import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { connect, DBusError, NotSupportedError, Variant } from "@dbus-codegen-ts/runtime";
import { type Handlers, mock, privateBus, testBus } from "dbus-codegen-ts/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  Everything1,
  Everything1Client,
  type Everything1Service,
} from "../../e2e/generated/org.example.Everything1.ts";
import { programArguments } from "../../setup/program.ts";
import { ROOT, temporaryFolder } from "../support.ts";

const PATH = "/org/example/Everything";

describe("testBus", () => {
  test("starts a daemon, a service and a client in three lines", async () => {
    await using bus = await testBus();
    const everything = await bus.mock(PATH, Everything1, { sum: (a, b) => a + b });
    const client = bus.client(Everything1Client, PATH);

    expect(await client.sum(2, 3)).toBe(5);
    expect(everything.calls).toMatchObject([{ method: "sum", args: [2, 3] }]);
  });

  test("has properties that emit a signal when they are assigned, and records those that clients set", async () => {
    await using bus = await testBus();
    const { properties, writes } = await bus.mock(PATH, Everything1, {}, { announced: "before" });
    const client = bus.client(Everything1Client, PATH);
    await using _ = await client.$cache();
    expect(client.properties.announced.value).toBe("before");
    properties.announced = "after";
    await expect.poll(() => client.properties.announced.value).toBe("after");
    await client.properties.announced.set("set");
    expect([properties.announced, writes]).toMatchObject(["set", [{ property: "announced", value: "set" }]]);
  });

  test("emits signals by function calls", async () => {
    await using bus = await testBus();
    const everything = await bus.mock(PATH, Everything1);
    const client = bus.client(Everything1Client, PATH);
    const heard = client.signals.ping.stream()[Symbol.asyncIterator]();
    const first = heard.next();
    await client.sum(0, 0);
    everything.signals.ping(7, {});
    expect((await first).value).toEqual([7, {}]);
    await heard.return?.();
  });

  const bug = new TypeError("no such song");
  test.each([
    ["the bug of a handler", 1, (error: unknown) => expect(error).toBe(bug)],
    ["all bugs of handlers", 2, (error: unknown) => expect(error).toMatchObject({ errors: [bug, bug] })],
  ])("throws %s when it stops", async (_, calls, check) => {
    const bus = await testBus();
    await bus.mock(PATH, Everything1, { sum: () => Promise.reject(bug) });
    const client = bus.client(Everything1Client, PATH);
    for (let call = 0; call < calls; call++) await expect(client.sum(1, 2)).rejects.toThrow(/^Sum failed$/);
    check(await bus.stop().catch((error: unknown) => error));
    expect(isAlive(bus.pid)).toBe(false);
    await bus.stop();
  });

  test("throws the error of a listener, and passes all errors to a given hook", async () => {
    const bus = await testBus();
    const everything = await bus.mock(PATH, Everything1);
    const client = bus.client(Everything1Client, PATH);
    await client.signals.ping.subscribe(() => Promise.reject(bug));
    everything.signals.ping(7, {});
    await client.sum(1, 2);
    await expect(bus.stop()).rejects.toBe(bug);

    const errors: unknown[] = [];
    await using hooked = await testBus({ onError: (error) => errors.push(error) });
    await hooked.mock(PATH, Everything1, { sum: () => Promise.reject(bug) });
    await expect(hooked.client(Everything1Client, PATH).sum(1, 2)).rejects.toThrow("Sum failed");
    expect(errors).toEqual([bug]);
  });

  test("does not throw what a handler sends as an error reply", async () => {
    const bus = await testBus();
    await bus.mock(PATH, Everything1, { sum: () => Promise.reject(new NotSupportedError("not here")) });
    await expect(bus.client(Everything1Client, PATH).sum(1, 2)).rejects.toThrow(NotSupportedError);
    await bus.stop();
  });
});

describe("mock", () => {
  test("replies with empty values of the output types by default", async () => {
    await using bus = await testBus();
    const { calls } = await bus.mock(PATH, Everything1);
    const client = bus.client(Everything1Client, PATH);
    expect(await client.echoBasics(1, true, 1, 1, 1, 1, 1n, 1n, 1, "s", "/o", "g")).toEqual([
      ...[0, false, 0, 0, 0, 0, 0n, 0n, 0, "", "/", ""],
    ]);
    const echoed = await client.echoContainers(
      new Variant("s", ""),
      Buffer.of(1),
      [],
      [],
      [1, "", [true, 1], []],
      {},
      new Map(),
      new Map(),
    );
    expect(echoed[4]).toEqual([0, "", [false, 0], []]);
    expect(await client.properties.place.get()).toEqual({ x: 0, y: 0, colour: 0 });
    expect(calls.map(({ method }) => method)).toEqual(["echoBasics", "echoContainers"]);
  });

  test("sends an exception of a handler as an error reply; handlers can be replaced", async () => {
    await using bus = await testBus();
    const everything = await bus.mock(PATH, Everything1, {
      oldWay: () => {
        throw new NotSupportedError("not here");
      },
    });
    const client = bus.client(Everything1Client, PATH);
    await expect(client.oldWay()).rejects.toThrow(NotSupportedError);
    everything.handle({ oldWay: async ({ sender }) => sender });
    expect(await client.oldWay()).toBe(bus.clients.uniqueName);
    everything.forget();
    expect(everything.calls).toEqual([]);
  });

  test("has types from the contract: arguments, results, properties and signals", () => {
    type Of<K extends keyof Handlers<typeof Everything1>> = NonNullable<Handlers<typeof Everything1>[K]>;
    type Handled<K extends keyof Everything1Service> = Everything1Service[K];
    expectTypeOf<Of<"sum">>().toEqualTypeOf<Handled<"sum">>();
    expectTypeOf<Parameters<Of<"echoContainers">>>().toEqualTypeOf<Parameters<Handled<"echoContainers">>>();
    expectTypeOf<Parameters<Handled<"echoNamed">>>().toExtend<Parameters<Of<"echoNamed">>>();
    const made = mock(Everything1, {}, { place: { x: 1, y: 2, colour: 0 } });
    expectTypeOf(made.properties.place.x).toEqualTypeOf<number>();
    expectTypeOf(made.signals.ping).parameter(0).toEqualTypeOf<number>();
    // @ts-expect-error - it answers with a text
    mock(Everything1, { oldWay: () => 7 });
    // @ts-expect-error - there is no such method
    mock(Everything1, { newWay: () => 7 });
    const [call] = made.calls;
    if (call?.method === "refuse") expectTypeOf(call.args).toEqualTypeOf<[string]>();
  });

  test("rejects a property value of another type with the name of the property", () => {
    const wrong: object = { announced: 7 };
    expect(() => mock(Everything1, {}, wrong)).toThrow('property "Announced": expected a string, got 7');
  });
});

describe("privateBus", () => {
  test("is separate from other buses and leaves nothing behind", async () => {
    const bus = await privateBus();
    const other = await privateBus();
    const connection = await bus.connect();
    expect(bus.address).not.toBe(other.address);
    expect(bus.env.DBUS_SESSION_BUS_ADDRESS).toBe(bus.address);
    await Promise.all([bus.stop(), other.stop(), bus.stop()]);
    expect([existsSync(folderOf(bus.address)), isAlive(bus.pid)]).toEqual([false, false]);
    await expect(connection.closed).resolves.toBeUndefined();
    await expect(connect({ bus: bus.address })).rejects.toThrow(DBusError);
  });

  test("activates services from folders with .service files", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.service"), "[D-BUS Service]\nName=org.example.Sleeper\nExec=/bin/false\n");
    await using bus = await privateBus({ serviceFolders: [folder] });
    const connection = await bus.connect();
    const daemon = "org.freedesktop.DBus";
    const call = {
      destination: daemon,
      path: "/org/freedesktop/DBus",
      interface: daemon,
      member: "ListActivatableNames",
    };
    expect(await connection.call(call)).toEqual([[daemon, "org.example.Sleeper"]]);
  });

  test("reports what to install if dbus-daemon is missing", async () => {
    const ran = await runProgram({ PATH: await temporaryFolder() }, "forgotten-bus.ts");
    expect(ran.err).toContain("dbus-daemon, which is not installed");
    expect(ran.err).toContain("install the package dbus-daemon");
  });

  test.each(["exit", "crash", "SIGTERM", "SIGKILL"])(
    "leaves nothing behind when the process ends by %s",
    async (end) => {
      const { out } = await runProgram({}, "forgotten-bus.ts", end);
      const { pid, address } = JSON.parse(out);
      await expect.poll(() => [isAlive(pid), existsSync(folderOf(address))]).toEqual([false, false]);
    },
  );
});

test("works under node:test as well", async () => {
  const ran = await runProgram({}, "node-test.ts");
  expect(ran.out).toMatch(/^(#|ℹ) pass 1$/m); // TAP until Node 22
});

/** Runs a program of this folder with the sources of the project until it ends. */
async function runProgram(env: Record<string, string>, name: string, ...argv: readonly string[]) {
  const child = spawn(
    process.execPath,
    [...programArguments(join(ROOT, "test/generator/testing/programs", name)), ...argv],
    {
      cwd: ROOT,
      env: { ...process.env, ...env, NODE_TEST_CONTEXT: undefined },
    },
  );
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { out, err };
}

function folderOf(address: string): string {
  return dirname(/unix:path=([^,]+)/.exec(address)?.[1] ?? "");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
