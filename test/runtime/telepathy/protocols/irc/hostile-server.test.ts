import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Variant } from "@dbus-codegen-ts/runtime";
import { type ConnectionStatusReason, HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import {
  type ConnectionFailure,
  type ConnectionHost,
  irc,
  type ProtocolConnection,
  validateParameters,
} from "@dbus-codegen-ts/telepathy";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeliveryFailure, IncomingText } from "../../../../../runtime/telepathy/protocols/text-messages.ts";
import { runs } from "../../../../setup/runs.ts";
import { eventually } from "../../eventually.ts";
import { SILENT_HOST } from "../../silent-host.ts";

/** Events that a connection has reported to its host. */
interface ReportedEvents {
  readonly connected: string[];
  readonly renamed: string[];
  readonly texts: IncomingText[];
  readonly failures: DeliveryFailure[];
  readonly ended: { readonly reason: ConnectionStatusReason; readonly failure: ConnectionFailure | undefined }[];
}

let server: Server;
let reported: ReportedEvents;
let connection: ProtocolConnection;
let socket: Socket;
/** Text that the server has received. */
let received: string;

/** Opens a connection to a server that the test controls. Resolves when the connection registers its user. */
async function open(parameters: Readonly<Record<string, Variant>> = {}): Promise<void> {
  reported = { connected: [], renamed: [], ended: [], texts: [], failures: [] };
  received = "";
  const host: ConnectionHost = {
    ...SILENT_HOST,
    text: {
      messageReceived: (message) => reported.texts.push(message),
      deliveryFailed: (failure) => reported.failures.push(failure),
    },
    connected: (self) => reported.connected.push(self),
    selfIdentifierChanged: (self) => reported.renamed.push(self),
    disconnected: (reason, failure) => reported.ended.push({ reason, failure }),
  };
  const { port } = server.address() as AddressInfo;
  const given = {
    account: new Variant("s", "Tester"),
    server: new Variant("s", "127.0.0.1"),
    port: new Variant("q", port),
    ...parameters,
  };
  connection = irc.open(validateParameters(irc.parameters, new Map<string, Variant>(Object.entries(given))), host);
  const accepted = once(server, "connection");
  connection.connect();
  [socket] = await accepted;
  socket.on("data", (bytes) => {
    received += bytes.toString();
  });
  socket.on("error", () => undefined);
  await eventually(() => expect(received).toMatch(/USER [^\n]*\n/));
}

/** Opens a connection and completes its registration. */
async function openConnected(support = "CASEMAPPING=ascii"): Promise<void> {
  await open();
  socket.write(`:irc 001 Tester :Welcome\r\n:irc 005 Tester ${support} :are supported\r\n:irc 422 Tester :No MOTD\r\n`);
  await eventually(() => expect(reported.connected).toEqual(["Tester"]));
}

/** Resolves when the connection has processed all data that the server has sent. */
async function drain(): Promise<void> {
  const token = `t${Math.random()}`;
  socket.write(`PING :${token}\r\n`);
  await eventually(() => expect(received).toContain(`PONG :${token}\r\n`));
}

function drainedOrClosed(server: Socket): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["drain", "close"]) server.once(event, () => resolve());
  });
}

/** Returns the number of bytes in array buffers after a garbage collection. */
function bufferBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().arrayBuffers;
}

beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  socket.destroy();
  await connection.disconnect();
  server.close();
});

test("a connection sends password, nickname and user name", async () => {
  await open({
    password: new Variant("s", "two words"),
    fullname: new Variant("s", "Tess Ter"),
    ident: new Variant("s", "tt"),
  });
  expect(received).toBe("PASS :two words\r\nNICK Tester\r\nUSER tt 0 * :Tess Ter\r\n");
});

test.each([
  ["rfc1459", ["[\\]~", "{|}^"], true],
  ["strict-rfc1459", ["[\\]", "{|}"], true],
  ["strict-rfc1459", ["~", "^"], false],
  ["ascii", ["[\\]", "{|}"], false],
  ["something-new", ["[\\]", "{|}"], false],
])("with CASEMAPPING=%s, names %j are equal: %s", async (mapping, names, same) => {
  await openConnected(`CASEMAPPING=${mapping}`);
  const [first, second] = names.map((name) => connection.normalize(HandleType.Room, `#${name}`));
  expect(first === second).toBe(same);
});

test("the default case mapping is rfc1459, and does not change once connected", async () => {
  await openConnected("NICKLEN=9");
  expect(connection.normalize(HandleType.Contact, "A[b]")).toBe("a{b}");
  socket.write(":irc 005 Tester CASEMAPPING=ascii CHANTYPES=+ :are supported\r\n");
  await drain();
  expect(connection.normalize(HandleType.Contact, "A[b]")).toBe("a{b}");
  expect(connection.normalize(HandleType.Room, "#A")).toBe("#a");
});

test("no channel is valid if CHANTYPES is empty", async () => {
  await openConnected("CHANTYPES=");
  expect(() => connection.normalize(HandleType.Room, "#a")).toThrow(InvalidHandleError);
});

test("PING is answered in all its forms", async () => {
  await open();
  socket.write("PING plain\r\nPING :with colon\r\n:irc PING :x\r\n");
  await eventually(() => expect(received).toMatch(/PONG :plain\r\nPONG :with colon\r\nPONG :x\r\n/));
});

test("the user's nickname is that in RPL_WELCOME, and nickname changes of other users do not affect it", async () => {
  await open();
  socket.write(":irc 001 Guest17 :Welcome\r\n:irc 251 Guest17 :users\r\n");
  await eventually(() => expect(reported.connected).toEqual(["Guest17"]));
  socket.write(
    ":other!o@h NICK :new\r\n:GUEST17!g@h NICK Renamed\r\n:Renamed!g@h NICK :bad nick\r\n:Guest17 NICK :x\r\n",
  );
  await drain();
  expect(reported.renamed).toEqual(["Renamed"]);
});

test("truncated and unrequested replies are ignored", async () => {
  await openConnected();
  const numerics = Array.from({ length: 1000 }, (_, number) => `:irc ${String(number).padStart(3, "0")}`);
  const refusals = new Set(["432", "433", "436", "437", "463", "464", "465"]);
  for (const line of numerics) {
    if (!refusals.has(line.slice(-3))) socket.write(`${line}\r\n${line} Tester\r\n${line} a b :c\r\n`);
  }
  for (const word of [
    "NICK",
    "CAP",
    "JOIN",
    "PART",
    "KICK",
    "MODE",
    "TOPIC",
    "PRIVMSG",
    "QUIT",
    "AUTHENTICATE",
    "INVITE",
  ]) {
    socket.write(`${word}\r\n:x ${word}\r\n: ${word}\r\n`);
  }
  await drain();
  expect(reported.ended).toEqual([]);
});

test("a burst of a megabyte is processed completely", async () => {
  await openConnected();
  socket.write(":irc 372 Tester :- a line of a very long message of the day\r\n".repeat(16_000));
  await drain();
});

test("an endless line is not buffered, and the next line is processed", async () => {
  await openConnected();
  const before = bufferBytes();
  for (let chunk = 0; chunk < 64; chunk++) {
    if (!socket.write(Buffer.alloc(1024 * 1024, "x"))) await once(socket, "drain");
  }
  socket.write("\r\n");
  await drain();
  await eventually(() => expect(bufferBytes() - before).toBeLessThan(4 * 1024 * 1024));
});

test("a server that sends PING and never reads is disconnected, and its answers are not collected", async () => {
  await openConnected();
  socket.pause();
  const before = bufferBytes();
  const pings = `PING :${"x".repeat(500)}\r\n`.repeat(2000);
  // The buffers of both sockets together are smaller than 64 MiB.
  for (let megabyte = 0; megabyte < 64 && reported.ended.length === 0; megabyte++) {
    if (!socket.write(pings)) await drainedOrClosed(socket);
  }
  await eventually(() => expect(reported.ended).toHaveLength(1));
  const [end] = reported.ended;
  expect(end?.failure?.details).toEqual({ debugMessage: "the server does not read the sent data" });
  socket.destroy();
  await eventually(() => expect(bufferBytes() - before).toBeLessThan(4 * 1024 * 1024));
});

test("a flood of nickname changes is reported as few changes, and the last one is reported", async () => {
  await openConnected();
  let lines = "";
  for (let number = 0; number < 2000; number++) lines += `:n${number} NICK n${number + 1}\r\n`;
  socket.write(`:Tester NICK n0\r\n${lines}`);
  await eventually(() => expect(reported.renamed.at(-1)).toBe("n2000"));
  expect(reported.renamed[0]).toBe("n0");
  expect(reported.renamed.length).toBeLessThan(10);
});

test("texts of the server are sanitised and truncated", async () => {
  await open();
  const words = `\u0002\u000304,12Go\u0007 \u001b[31maway\u202e ${"x".repeat(2_000)}`;
  socket.write(Buffer.concat([Buffer.from(`ERROR :${words}`), Buffer.from([0xff, 0x0d, 0x0a])]));
  await eventually(() => expect(reported.ended).toHaveLength(1));
  const [end] = reported.ended;
  const { serverMessage = "" } = end?.failure?.details ?? {};
  expect(serverMessage.startsWith("Go [31maway")).toBe(true);
  expect(serverMessage).toHaveLength(400);
  expect(serverMessage).not.toMatch(/\p{Cc}/u);
});

test("a password that the server repeats is not reported", async () => {
  await open({ password: new Variant("s", "hunter2") });
  socket.write("ERROR :Closing Link: bad password 'hunter2'\r\n");
  await eventually(() => expect(reported.ended).toHaveLength(1));
  expect(reported.ended[0]?.failure?.details).toEqual({ serverMessage: "Closing Link: bad password '…'" });
});

test("an exception while a message is processed ends only this connection", async () => {
  await openConnected();
  Object.freeze(reported.texts);
  socket.write(":ann!a@host PRIVMSG Tester :hello\r\n");
  await eventually(() => expect(reported.ended).toHaveLength(1));
});

test("no input of a server throws, and the connection ends at most once", async () => {
  const word = fc.oneof(
    fc.constantFrom(
      "001",
      "005",
      "251",
      "353",
      "366",
      "376",
      "401",
      "433",
      "461",
      "NICK",
      "PING",
      "ERROR",
      "MODE",
      "CAP",
    ),
    fc.string({ maxLength: 8 }),
  );
  const line = fc.oneof(
    fc.array(word, { maxLength: 6 }).map((words) => Buffer.from(words.join(" "))),
    fc.array(word, { maxLength: 6 }).map((words) => Buffer.from(`:${words.join(" ")}`)),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  );
  const end = fc.constantFrom("\r\n", "\n", "\r", "");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(line, end), { maxLength: 20 }), fc.boolean(), async (lines, isWelcome) => {
      await open();
      if (isWelcome) socket.write(":irc 001 Tester :Welcome\r\n:irc 251 Tester :users\r\n");
      for (const [bytes, ending] of lines) socket.write(Buffer.concat([bytes, Buffer.from(ending)]));
      const closed = once(socket, "close");
      socket.end();
      await closed;
      await eventually(() => expect(reported.ended).toHaveLength(1));
      expect(reported.connected.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: runs(30) },
  );
});
