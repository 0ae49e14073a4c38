import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  type Bus,
  connect,
  DisconnectedError,
  LimitsExceededError,
  MalformedMessageError,
  NoReplyError,
} from "../../../runtime/core/index.ts";
import { bodyCodec } from "../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../runtime/core/wire/deframer.ts";
import { type Header, MessageType } from "../../../runtime/core/wire/header.ts";
import { encodeMessage, type Message } from "../../../runtime/core/wire/message.ts";
import { Writer } from "../../../runtime/core/wire/writer.ts";
import { block } from "../../setup/block.ts";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { Jukebox1Client } from "./fixtures/jukebox.ts";
import { Everything, Jukebox } from "./fixtures/services.ts";
import { Sampler1Client } from "./generated/org.example.Sampler1.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const cleanUp = <T extends AsyncDisposable>(resource: T): T => {
  cleanups.push(async () => resource[Symbol.asyncDispose]());
  return resource;
};

/** A bus that follows the protocol until a test sends other bytes. */
class FakeBus implements AsyncDisposable {
  readonly address: string;
  readonly received: Message[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #folder: string;

  static async start(onMessage: (message: Message, bus: FakeBus) => void, handshake = true): Promise<FakeBus> {
    const folder = await mkdtemp(join(tmpdir(), "fake-bus-"));
    const bus = new FakeBus(folder, onMessage, handshake);
    await new Promise<void>((resolve) => bus.#server.listen(join(folder, "bus"), resolve));
    return cleanUp(bus);
  }

  private constructor(folder: string, onMessage: (message: Message, bus: FakeBus) => void, handshake: boolean) {
    this.#folder = folder;
    this.address = `unix:path=${folder}/bus`;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      const deframer = new Deframer();
      let begun = false;
      socket.on("data", (chunk: Buffer) => {
        if (!handshake) return;
        let bytes: Buffer = chunk;
        if (!begun) {
          const text = chunk.toString("latin1");
          if (text.includes("AUTH")) socket.write("OK 00112233445566778899aabbccddeeff\r\n");
          if (text.includes("NEGOTIATE")) socket.write("ERROR\r\n");
          const begin = text.indexOf("BEGIN\r\n");
          if (begin < 0) return;
          begun = true;
          bytes = chunk.subarray(begin + 7);
        }
        for (const message of deframer.split(bytes)) {
          this.received.push(message);
          onMessage(message, this);
        }
      });
    });
  }

  write(bytes: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  send(header: Omit<Header, "flags" | "serial">, signature = "", values: readonly unknown[] = []): void {
    const writer = new Writer();
    encodeMessage(writer, { flags: 1, serial: 99, ...header }, bodyCodec(signature), values);
    this.write(writer.copyBytes());
  }

  answer(call: Message, signature = "", values: readonly unknown[] = [], sender = "org.freedesktop.DBus"): void {
    this.send({ type: MessageType.MethodReturn, replySerial: call.serial, sender }, signature, values);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Returns a handler of messages that replies to Hello. For all other messages, only calls `then`. */
const greet =
  (then: (message: Message, bus: FakeBus) => void = () => undefined) =>
  (message: Message, bus: FakeBus): void =>
    message.member === "Hello" ? bus.answer(message, "s", [":1.7"]) : then(message, bus);

const OTHER = { destination: ":1.8", path: "/", member: "M" };

describe("connecting fails with one error", () => {
  const ADDRESSES: readonly (readonly [string, string])[] = [
    ["unix:path=/nonexistent/bus", "ENOENT"],
    ["unix:abstract=nobody-listens-here-at-all", "ECONNREFUSED"],
    ["nonsense", "not of the form"],
    ["unix:", "not of the form"],
    ["", "empty"],
    ["unix:path=/a,b", "not of the form"],
    ["unix:path=/a%zz", "bad escape"],
    ["tcp:host=localhost", "no valid port"],
    ["launchd:env=DBUS", "a transport other than unix, tcp and unixexec"],
  ];
  test.each(ADDRESSES)("to %s", async (bus, message) => {
    const connection = connect({ bus });
    await expect(connection).rejects.toBeInstanceOf(DisconnectedError);
    await expect(connection).rejects.toThrow(message);
  });

  test("to a peer that sends nothing, or never replies to Hello", async () => {
    const mute = await FakeBus.start(() => undefined, false);
    await expect(connect({ bus: mute.address, timeout: 50 })).rejects.toThrow("did not answer within 50 ms");
    const silent = await FakeBus.start(() => undefined);
    await expect(connect({ bus: silent.address, timeout: 50 })).rejects.toThrow("did not answer within 50 ms");
  });

  test("to a peer that refuses Hello or sends an invalid reply", async () => {
    const refusing = await FakeBus.start((call, bus) =>
      bus.send({
        type: MessageType.Error,
        replySerial: call.serial,
        errorName: "org.freedesktop.DBus.Error.LimitsExceeded",
      }),
    );
    await expect(connect({ bus: refusing.address })).rejects.toBeInstanceOf(LimitsExceededError);
    const nameless = await FakeBus.start((call, bus) => bus.answer(call, "u", [1]));
    await expect(connect({ bus: nameless.address })).rejects.toThrow("without a unique name");
    const garbled = await FakeBus.start((_, bus) => bus.write(Buffer.alloc(64, 0xff)));
    await expect(connect({ bus: garbled.address })).rejects.toThrow("byte order");
  });

  test("but succeeds if the message after the reply to Hello arrives in two parts", async () => {
    const bytes = (replySerial: number, type: string, value: unknown): Uint8Array => {
      const writer = new Writer();
      const header = { type: 2, flags: 0, serial: 9, replySerial, sender: "org.freedesktop.DBus" };
      encodeMessage(writer, header, bodyCodec(type), [value]);
      return writer.copyBytes();
    };
    const stray = bytes(77, "s", "nobody asked");
    const bus = await FakeBus.start((call, fake) => {
      if (call.member === "Hello") fake.write(Buffer.concat([bytes(call.serial, "s", ":1.7"), stray.subarray(0, 20)]));
      else fake.write(Buffer.concat([stray.subarray(20), bytes(call.serial, "u", 5)]));
    });
    expect(await cleanUp(await connect({ bus: bus.address })).call(OTHER)).toEqual([5]);
  });

  test("but succeeds if a later address of the list replies", async () => {
    const bus = await FakeBus.start(greet());
    const connection = cleanUp(
      await connect({ bus: `unix:path=/nonexistent/bus;${bus.address.replace("fake", "%66ake")}` }),
    );
    expect(connection.uniqueName).toBe(":1.7");
  });
});

describe("a peer that sends invalid messages", () => {
  const header = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");
  const GARBAGE: readonly (readonly [string, Uint8Array])[] = [
    ["garbage", Buffer.alloc(100, 0x41)],
    ["a message of 4 GiB", header("6c 02 00 01 ffffffff 01000000 ffffffff")],
    ["an array of more than 64 MiB", header("6c 02 00 01 00000000 01000000 01000004")],
    ["a reply without reply serial", header("6c 02 00 01 00000000 01000000 00000000")],
    ["a serial 0", header("6c 04 00 01 00000000 00000000 00000000")],
  ];
  test.each(GARBAGE)("%s: ends the connection and every call", async (_, bytes) => {
    const bus = await FakeBus.start(greet());
    const connection = cleanUp(await connect({ bus: bus.address }));
    const calls = [connection.call(OTHER), connection.call(OTHER)];
    const outcomes = Promise.allSettled(calls);
    bus.write(bytes);
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { name: "DisconnectedError" } });
    expect(await connection.closed).toMatchObject({ message: expect.stringContaining("malformed message") });
    await expect(connection.call(OTHER)).rejects.toBeInstanceOf(DisconnectedError);
  });

  test("a malformed body in a reply fails the call, and the connection remains", async () => {
    const bus = await FakeBus.start(
      greet((call, fake) => fake.send({ type: 2, replySerial: call.serial, sender: ":1.8" }, "s", ["ok"])),
    );
    const lying = await FakeBus.start(
      greet((call, fake) => {
        const writer = new Writer();
        encodeMessage(
          writer,
          { type: 2, flags: 0, serial: 5, replySerial: call.serial, sender: ":1.8" },
          bodyCodec("s"),
          ["ok"],
        );
        const bytes = writer.copyBytes();
        if (call.member !== "Later") bytes[bytes.length - 1] = 1;
        fake.write(bytes);
      }),
    );
    expect(await cleanUp(await connect({ bus: bus.address })).call(OTHER)).toEqual(["ok"]);
    const connection = cleanUp(await connect({ bus: lying.address }));
    await expect(connection.call(OTHER)).rejects.toBeInstanceOf(MalformedMessageError);
    expect(await connection.call({ ...OTHER, member: "Later" })).toEqual(["ok"]);
  });

  test("unknown message types, flags and header fields are ignored", async () => {
    const bus = await FakeBus.start(
      greet((call, fake) => {
        fake.send({ type: 77 });
        fake.write(
          header("6c 02 f0 01 00000000 01000000 13000000 05017500 01000000 ff 01 73 00 02000000 6162 00 0000000000"),
        );
        fake.answer(call, "u", [1], ":1.8");
      }),
    );
    expect(await cleanUp(await connect({ bus: bus.address })).call(OTHER)).toEqual([1]);
  });
});

describe("a reply is accepted only from the called connection", () => {
  test("for a unique name", async () => {
    const bus = await FakeBus.start(
      greet((call, fake) => {
        fake.answer(call, "s", ["forged"], ":1.666");
        fake.send({ type: MessageType.Error, replySerial: call.serial, errorName: "a.b", sender: ":1.666" });
        fake.answer(call, "s", ["real"], ":1.8");
        fake.answer(call, "s", ["again"], ":1.8");
      }),
    );
    const connection = cleanUp(await connect({ bus: bus.address }));
    expect(await connection.call(OTHER)).toEqual(["real"]);
    expect(connection.usage.pendingCalls).toBe(0);
  });

  test("for a well-known name", async () => {
    const daemon = cleanUp(await startPrivateBus());
    const service = cleanUp(await connect({ bus: daemon.address }));
    const client = cleanUp(await connect({ bus: daemon.address }));
    const forger = cleanUp(await connect({ bus: daemon.address }));
    await service.serve("/a", new Everything());
    await service.requestName("org.example.Real");
    const call = new Sampler1Client(client, { destination: "org.example.Real", path: "/a" }).later(100);
    for (let serial = 1; serial < 30; serial++) {
      forger.reply({ ...forgedCall(serial), sender: client.uniqueName }, bodyCodec("u"), [666]);
    }
    expect(await call).toBe(100);
  });

  test("a late reply is dropped, and the next call gets its own reply", async () => {
    const held: Message[] = [];
    const bus = await FakeBus.start(greet((call) => void held.push(call)));
    const connection = cleanUp(await connect({ bus: bus.address }));
    await expect(connection.call(OTHER, { timeout: 20 })).rejects.toBeInstanceOf(NoReplyError);
    const second = connection.call(OTHER);
    await expect.poll(() => held.length).toBe(2);
    for (const [index, call] of held.entries()) bus.answer(call, "u", [index], ":1.8");
    expect(await second).toEqual([1]);
  });
});

describe("losing the bus", () => {
  let daemon: PrivateBus;
  let service: Bus;

  async function setUp(options: Parameters<typeof startPrivateBus>[0] = {}): Promise<Sampler1Client> {
    daemon = cleanUp(await startPrivateBus(options));
    service = cleanUp(await connect({ bus: daemon.address }));
    await service.serve("/a", new Everything());
    const client = cleanUp(await connect({ bus: daemon.address }));
    return new Sampler1Client(client, { destination: service.uniqueName, path: "/a" });
  }

  test("fails every pending call, ends iterations and resolves closed", async () => {
    const client = await setUp();
    const next = client.signals.hasOwnProperty$[Symbol.asyncIterator]().next();
    const waiting = [next, client.later(10_000), client.later(10_000, { timeout: Number.POSITIVE_INFINITY })];
    const calls = Promise.allSettled(waiting);
    await client.describe$("x");
    await daemon.stop("SIGKILL");
    for (const outcome of await calls) expect(outcome).toMatchObject({ reason: { name: "DisconnectedError" } });
    expect(await service.closed).toBeInstanceOf(DisconnectedError);
    await expect(client.describe$("x")).rejects.toBeInstanceOf(DisconnectedError);
  });

  test("closing fails pending calls, sends queued messages and can be repeated", async () => {
    const client = await setUp();
    const everything = new Everything();
    await service.serve("/b", everything);
    const bus = await connect({ bus: daemon.address });
    const other = new Sampler1Client(bus, { destination: service.uniqueName, path: "/b" });
    await other.forget("last words");
    const waiting = other.later(10_000);
    const failed = expect(waiting).rejects.toBeInstanceOf(DisconnectedError);
    await Promise.all([bus.close(), bus.close()]);
    await failed;
    expect(await bus.closed).toBeUndefined();
    expect(await client.describe$("x")).toBe("text x");
    expect(everything.forgotten).toEqual(["last words"]);
  });

  test("a message that was sent just before close() arrives, although messages to the connection are unread", async () => {
    await setUp();
    const everything = new Everything();
    await service.serve("/b", everything);
    const bus = await connect({ bus: daemon.address });
    const ping = { destination: "org.freedesktop.DBus", path: "/", interface: "org.freedesktop.DBus", member: "GetId" };
    const send = (count: number) => Promise.allSettled(Array.from({ length: count }, () => bus.call(ping)));
    // So many calls that they are sent before this turn of the event loop ends. During the turn, the replies are
    // unread.
    const calls = [send(500)];
    block(50);
    process.kill(daemon.pid, "SIGSTOP");
    // More calls than the bus reads at a time, so that the bus replies to some calls before it reads the others.
    calls.push(send(100));
    await new Sampler1Client(bus, { destination: service.uniqueName, path: "/b" }).forget("last words");
    const closed = bus.close();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    process.kill(daemon.pid, "SIGCONT");
    await Promise.all([closed, ...calls]);
    await expect.poll(() => everything.forgotten).toEqual(["last words"]);
  });

  test("a service that leaves the bus fails its calls with NoReply", async () => {
    const client = await setUp();
    const failed = expect(client.later(10_000)).rejects.toBeInstanceOf(NoReplyError);
    await client.describe$("x");
    await service.close();
    await failed;
  });

  test("a service can change properties after the connection has ended", async () => {
    await setUp();
    const jukebox = new Jukebox();
    await service.serve("/c", jukebox);
    await service.close();
    jukebox.properties.volume = 0.1;
    jukebox.signals.trackChanged("unheard", 1n);
    expect(jukebox.properties.volume).toBe(0.1);
  });

  test("subscribing above the limit of the bus is refused and leaves nothing behind", async () => {
    await setUp({ limits: { max_match_rules_per_connection: 1 } });
    const bus = cleanUp(await connect({ bus: daemon.address }));
    const client = (path: string): Jukebox1Client => new Jukebox1Client(bus, { destination: service.uniqueName, path });
    const first = await client("/a").signals.trackChanged.subscribe(() => undefined);
    await expect(client("/b").signals.trackChanged.subscribe(() => undefined)).rejects.toBeInstanceOf(
      LimitsExceededError,
    );
    expect(bus.usage).toMatchObject({ matchRules: 1, listeners: 1 });
    await first.close();
    await (await client("/b").signals.trackChanged.subscribe(() => undefined)).close();
  });
});

describe("calls without reply", () => {
  test("get no reply, neither for success nor for errors, nor for no-reply methods", async () => {
    const daemon = cleanUp(await startPrivateBus());
    const service = cleanUp(await connect({ bus: daemon.address }));
    const bus = await FakeBus.start(greet());
    const connection = cleanUp(await connect({ bus: bus.address }));
    const everything = new Everything();
    await connection.serve("/a", everything);
    const call = (
      member: string,
      signature: string,
      values: readonly unknown[],
      flags: number,
      name = "org.example.Sampler1",
    ): void => {
      const writer = new Writer();
      const head = { type: 1, flags, serial: 50, path: "/a", interface: name, member, sender: ":1.8" };
      encodeMessage(writer, head, bodyCodec(signature), values);
      bus.write(writer.copyBytes());
    };
    call("Describe", "s", ["x"], 1);
    call("Fail", "s", ["error"], 1);
    call("Describe", "b", [true], 1);
    call("Nothing", "", [], 1);
    call("Forget", "s", ["quietly"], 0);
    call("Ping", "", [], 0, "org.freedesktop.DBus.Peer");
    await expect.poll(() => everything.forgotten).toEqual(["quietly"]);
    await expect.poll(() => bus.received.filter(({ type }) => type !== 1).length).toBe(1);
    expect(service.uniqueName).toMatch(/^:/);
  });
});

function forgedCall(serial: number): Message {
  return { type: 1, flags: 0, serial, signature: "", bytes: new Uint8Array(0), length: 0, bodyOffset: 0 };
}
