import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { connect, DisconnectedError } from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { encodeMessage } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { FakeBus } from "../fixtures/fake-bus.ts";

const GUID = "00112233445566778899aabbccddeeff";
const LINE_LIMIT = 16_384;
/** Milliseconds that a client waits for a server that never answers. It waits a minute for other servers. */
const SILENCE_MS = 200;
/** Part of the error of a server that does not answer. */
const SILENT = `did not answer within ${SILENCE_MS} ms`;
const SIGNAL = message({ type: 4, path: "/", interface: "a.b", member: "C" }, "s", ["x".repeat(1000)]);

/** A server that does not follow the protocol. Disposal closes all its sockets and timers. */
class HostileServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();

  static async start(path: string, behave: (socket: Socket, server: HostileServer) => void): Promise<HostileServer> {
    const server = new HostileServer(behave);
    await new Promise<void>((resolve) => server.#server.listen(path, resolve));
    return server;
  }

  private constructor(behave: (socket: Socket, server: HostileServer) => void) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      behave(socket, this);
    });
  }

  /** Number of bytes that were written to clients. */
  get bytesSent(): number {
    return [...this.#sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
  }

  every(milliseconds: number, action: () => void): void {
    this.#timers.add(setInterval(action, milliseconds));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Writes the same bytes repeatedly, as fast as the client reads them. */
function flood(socket: Socket, bytes: Uint8Array): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on("drain", write);
  write();
}

/**
 * Returns a handler of connections that answers each authentication attempt with a line, and calls `then` after BEGIN.
 */
function accepting(line: string, then: (socket: Socket) => void) {
  return (socket: Socket): void => {
    socket.on("data", (chunk: Buffer) => {
      const text = chunk.toString("latin1");
      if (text.includes("AUTH")) socket.write(line);
      if (text.includes("NEGOTIATE")) socket.write("ERROR\r\n");
      if (text.includes("BEGIN")) then(socket);
    });
  };
}

const accept = (then: (socket: Socket) => void) => accepting(`OK ${GUID}\r\n`, then);

const HOSTILE: readonly (readonly [string, Parameters<typeof HostileServer.start>[1], string])[] = [
  ["a line without end", (socket) => flood(socket, Buffer.alloc(65_536, "x")), "a line of more than 16384 bytes"],
  [
    "a line of one byte too many",
    accepting(`OK ${"x".repeat(LINE_LIMIT - 2)}\n`, () => undefined),
    "a line of more than 16384 bytes",
  ],
  ["REJECTED lines without end", (socket) => flood(socket, Buffer.from("REJECTED\r\n".repeat(6000))), SILENT],
  ["garbage lines", accepting("\u0000\u001b[2J\r\n", () => undefined), "rejects EXTERNAL"],
  ["empty lines without end", (socket) => flood(socket, Buffer.alloc(65_536, "\n")), SILENT],
  ["one byte at a time", (socket, server) => server.every(5, () => socket.write("O")), SILENT],
  ["nothing", () => undefined, SILENT],
  ["nothing after BEGIN", accept(() => undefined), SILENT],
  ["the end", (socket) => socket.end(), "closed the connection"],
  ["the end after BEGIN", accept((socket) => socket.end()), "closed the connection"],
  ["messages without end instead of the reply to Hello", accept((socket) => flood(socket, SIGNAL)), "too much before"],
  ["a message of 128 MiB instead of the reply to Hello", accept(sendEndlessMessage), "too much before"],
  ["garbage instead of the reply to Hello", accept((socket) => flood(socket, Buffer.alloc(100, "x"))), "byte order"],
];

let folder: string;
let daemon: PrivateBus;
beforeAll(async () => {
  daemon = await startPrivateBus();
});
afterAll(() => daemon.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hostile-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a server that sends", () => {
  test.concurrent.each(HOSTILE)(
    "%s cannot be connected to, and the next address is tried",
    async (_, behave, reason) => {
      const name = `dbus-hostile-${process.pid}-${HOSTILE.findIndex((row) => row[1] === behave)}`;
      await using server = await HostileServer.start(`\0${name}`, behave);
      const timeout = reason === SILENT ? SILENCE_MS : 60_000;
      const refused = connect({ timeout, bus: `unix:abstract=${name}` });
      await expect(refused).rejects.toBeInstanceOf(DisconnectedError);
      await expect(refused).rejects.toThrow(reason);
      // On a busy machine, the daemon may need more time than this client allows.
      await using bus = await vi.waitFor(() => connect({ timeout, bus: `unix:abstract=${name};${daemon.address}` }));
      expect(bus.uniqueName).toMatch(/^:/);
      // Bytes that the client did not read are in buffers of the kernel and of the server.
      expect(server.bytesSent).toBeLessThan(4 * 2 ** 20);
    },
  );

  test("a line of the longest allowed length is read", async () => {
    const path = join(folder, "bus");
    await using _ = await HostileServer.start(
      path,
      accepting(`REJECTED ${"x".repeat(LINE_LIMIT - 9)}\n`, () => undefined),
    );
    await expect(connect({ bus: `unix:path=${path}` })).rejects.toThrow("rejects EXTERNAL");
  });
});

/** Generator of one piece of data from a server: lines of the protocol, a reply to Hello, or garbage. */
const PIECE = fc.oneof(
  fc.constantFrom(
    `OK ${GUID}\r\n`,
    "OK\n",
    "REJECTED EXTERNAL\r\n",
    "AGREE_UNIX_FD\r\n",
    "DATA 00\r\n",
    "ERROR\r\n",
    "\n",
  ),
  fc.constant(message({ type: 2, replySerial: 1, sender: "org.freedesktop.DBus" }, "u", [7])),
  fc.constant(message({ type: 3, replySerial: 1, errorName: "a.b" }, "s", ["no"])),
  fc.constant(SIGNAL.subarray(0, 40)),
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
);

test("a server that sends any sequence of lines, messages and garbage fails only its connection", async () => {
  const pieces = fc.array(PIECE, { maxLength: 5, size: "max" });
  const accepted = pieces.map((later): (string | Uint8Array)[] => [`OK ${GUID}\r\n`, ...later]);
  const sequences = fc.sample(fc.oneof(pieces, accepted), { numRuns: 200, seed: 9 });
  let next = 0;
  const path = join(folder, "bus");
  await using _ = await HostileServer.start(path, (socket) => {
    const pieces = sequences[next++] ?? [];
    // Writes a piece each time the client sends, so that most sequences get beyond the first line, and when it waits.
    let timer: NodeJS.Timeout | undefined;
    const writeNext = (): void => {
      clearTimeout(timer);
      const piece = pieces.shift();
      if (piece === undefined) return void socket.end();
      socket.write(piece);
      timer = setTimeout(writeNext, 200);
    };
    socket.on("data", writeNext).on("close", () => clearTimeout(timer));
  });
  const attempts = sequences.map(() => connect({ bus: `unix:path=${path}`, timeout: 60_000 }));
  const outcomes = new Map<string, number>();
  for (const outcome of await Promise.allSettled(attempts)) {
    const kind = outcome.status === "fulfilled" ? "connected" : outcome.reason.constructor.name;
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
  }
  expect([...outcomes.keys()].sort()).toEqual(["DBusError", "DisconnectedError"]);
});

describe("addresses", () => {
  /** Connects to a bus that listens at a given place. Returns the unique name of the connection. */
  async function uniqueNameAt(listen: ListenOptions, address: (port: number) => string): Promise<string> {
    await using fake = await FakeBus.start(undefined, listen);
    await using bus = await connect({ bus: address(fake.port) });
    return bus.uniqueName;
  }

  test.each([
    ["with escaped bytes", "a,b=c;d:e%", "a%2cb%3dc%3bd%3ae%25"],
    ["with a colon and an equals sign", "a=b:c", "a=b:c"],
    ["with letters outside of ASCII", "grüße", "gr%c3%bc%c3%9fe"],
  ])("of a path %s", async (_, file, escaped) => {
    expect(await uniqueNameAt({ path: join(folder, file) }, () => `unix:path=${folder}/${escaped}`)).toBe(":1.7");
  });

  test("of an abstract socket", async () => {
    const name = `dbus-test-${process.pid}`;
    expect(await uniqueNameAt({ path: `\0${name}` }, () => `unix:abstract=${name}`)).toBe(":1.7");
  });

  test("of the runtime folder", async () => {
    const before = process.env["XDG_RUNTIME_DIR"];
    process.env["XDG_RUNTIME_DIR"] = folder;
    try {
      expect(await uniqueNameAt({ path: join(folder, "bus") }, () => "unix:runtime=yes")).toBe(":1.7");
    } finally {
      if (before === undefined) delete process.env["XDG_RUNTIME_DIR"];
      else process.env["XDG_RUNTIME_DIR"] = before;
    }
  });

  test.each([
    ["127.0.0.1", "host=127.0.0.1,family=ipv4"],
    ["127.0.0.1", "host=localhost,family=ipv4"],
    ["::1", "host=::1,family=ipv6"],
    ["::1", "host=%3a%3a1"],
  ])("of TCP: %s as %s", async (host, keys) => {
    expect(await uniqueNameAt({ host, port: 0 }, (port) => `tcp:${keys},port=${port}`)).toBe(":1.7");
  });

  test("with a malformed and an unknown entry before the one that works", async () => {
    await using bus = await connect({ bus: `autolaunch:;future:x=y;unix:path=/a,b;unix:dir=/tmp;${daemon.address}` });
    expect(bus.uniqueName).toMatch(/^:/);
  });

  test("name all problems if none works", async () => {
    const failed = connect({ bus: "autolaunch:;unix:path=/nonexistent/bus;unix:tmpdir=/tmp" });
    for (const part of ["starts a bus", "has tmpdir", "ENOENT"]) await expect(failed).rejects.toThrow(part);
  });
});

describe("the id of the server", () => {
  test("must be that of the address", async () => {
    await using fake = await FakeBus.start();
    await using bus = await connect({ bus: `${fake.address},guid=${GUID.toUpperCase()}` });
    expect(bus.uniqueName).toBe(":1.7");
    const other = "f".repeat(32);
    const failed = connect({ bus: `${fake.address},guid=${other}` });
    await expect(failed).rejects.toThrow(`the bus has the id "${GUID}" instead of "${other}"`);
    // The connection ended before Hello.
    expect(fake.received.filter(({ member }) => member === "Hello")).toHaveLength(1);
  });

  test("of a real bus, which is in its address, is accepted", async () => {
    expect(daemon.address).toContain(",guid=");
    await using bus = await connect({ bus: daemon.address });
    expect(bus.uniqueName).toMatch(/^:/);
    const other = daemon.address.replace(/guid=.*/, `guid=${GUID}`);
    await expect(connect({ bus: other })).rejects.toThrow(`instead of "${GUID}"`);
  });
});

/** Sends the beginning of a message of 128 MiB, and then data without an end. */
function sendEndlessMessage(socket: Socket): void {
  const header = Buffer.alloc(16);
  header.write("l", 0, "latin1");
  header.set([2, 0, 1], 1);
  header.writeUInt32LE(2 ** 27 - 64, 4);
  header.writeUInt32LE(1, 8);
  header.writeUInt32LE(8, 12);
  socket.write(header);
  flood(socket, Buffer.alloc(65_536, 1));
}

function message(header: object, signature: string, values: readonly unknown[]): Uint8Array {
  const writer = new Writer();
  encodeMessage(writer, { type: 4, flags: 1, serial: 99, ...header }, bodyCodec(signature), values);
  return writer.copyBytes();
}
