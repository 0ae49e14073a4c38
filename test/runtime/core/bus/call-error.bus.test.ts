import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import {
  type Bus,
  connect,
  DBusError,
  DisconnectedError,
  InvalidReplySignatureError,
  NoReplyError,
  Service,
} from "../../../../runtime/core/index.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";

const JUKEBOX = {
  version: 2,
  name: "org.example.Jukebox1",
  methods: {
    play: { name: "Play", in: [{ name: "how", type: "s" }], out: [{ name: "length", type: "s" }] },
  },
} as const;

const bug = new TypeError("no such song");

/** A jukebox that fails in the way that the caller states. */
class Jukebox extends Service<typeof JUKEBOX> {
  constructor() {
    super(JUKEBOX, {});
  }

  play(how: string): unknown {
    if (how === "bug") throw bug;
    if (how === "refuse") throw new DBusError("org.example.Jukebox1.Error.Broken", "broken");
    return new Promise(() => undefined);
  }
}

afterEach(() => vi.restoreAllMocks());

const call = (bus: Bus, how: string) => ({
  destination: bus.uniqueName,
  path: "/jukebox",
  interface: JUKEBOX.name,
  member: "Play",
  signature: "s",
  args: [how],
});

test("the error of a call has its member, and the callers that wait for it in its stack", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address, onError: () => undefined });
  await bus.serve("/jukebox", new Jukebox());
  async function playSong(how: string, timeout = 10_000): Promise<void> {
    await bus.call(call(bus, how), { timeout });
  }
  const { destination, path, member } = call(bus, "");
  const where = { destination, path, interface: JUKEBOX.name, member };
  for (const [how, timeout, errorClass] of [
    ["bug", 10_000, DBusError],
    ["refuse", 10_000, DBusError],
    ["wait", 0, NoReplyError],
  ] as const) {
    const error: unknown = await playSong(how, timeout).catch((thrown: unknown) => thrown);
    if (!(error instanceof errorClass)) throw error;
    expect(error.call).toEqual(where);
    expect(Object.keys(error)).not.toContain("call");
    expect(error.stack).toContain(`\n    in org.example.Jukebox1.Play of ${bus.uniqueName} at /jukebox\n`);
    expect(error.stack).toMatch(/^ {4}at (async )?playSong /m);
    expect(error.stack?.startsWith(`${error.name}: ${error.message}\n`)).toBe(true);
  }
});

test("the calls that end with a connection have errors with their own members", async () => {
  await using daemon = await startPrivateBus();
  const bus = await connect({ bus: daemon.address });
  await bus.serve("/jukebox", new Jukebox());
  const calls = ["a", "b"].map((how) => bus.call(call(bus, how)).catch((error: unknown) => error));
  await daemon.stop("SIGKILL");
  const errors = await Promise.all(calls);
  const ended = await bus.closed;
  for (const error of errors) {
    expect(error).toBeInstanceOf(DisconnectedError);
    expect(error).toMatchObject({ call: { member: "Play" }, cause: ended });
  }
  expect(new Set([...errors, ended]).size).toBe(3);
  expect(InvalidReplySignatureError.prototype).toBeInstanceOf(DBusError);
});

test("a bug of a handler is reported once with stack, member and caller, and its text is not sent", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address });
  await bus.serve("/jukebox", new Jukebox());
  const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  for (let count = 0; count < 3; count++) {
    const error: unknown = await bus.call(call(bus, "bug")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: "Play failed" });
  }
  expect(emitWarning.mock.calls).toEqual([
    [
      `error in handler org.example.Jukebox1.Play at /jukebox, sender ${bus.uniqueName}: ${bug.stack}`,
      "DBusCodegenWarning",
    ],
  ]);
});

test("a bug of a listener is a warning, or a call of onError if that is set", async () => {
  await using daemon = await startPrivateBus();
  const errors: unknown[] = [];
  await using hooked = await connect({ bus: daemon.address, onError: (error) => errors.push(error) });
  await using bus = await connect({ bus: daemon.address });
  const warned = once(process, "warning");
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  for (const connection of [hooked, bus]) {
    await connection.watchName("org.example.Jukebox1", () => {
      throw bug;
    });
  }
  const [warning] = await warned;
  expect(warning).toMatchObject({
    name: "DBusCodegenWarning",
    message: `error in nameListener org.example.Jukebox1: ${bug.stack}`,
  });
  expect(errors).toEqual([bug]);
});
