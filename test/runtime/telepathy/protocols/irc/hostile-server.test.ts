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
  checkParameters,
  irc,
  type ProtocolConnection,
} from "@dbus-codegen-ts/telepathy";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../../eventually.ts";

/** What a connection tells. */
interface Told {
  readonly connected: string[];
  readonly renamed: string[];
  readonly ended: { readonly reason: ConnectionStatusReason; readonly fault: ConnectionFailure | undefined }[];
}

let server: Server;
let told: Told;
let connection: ProtocolConnection;
let socket: Socket;
let heard: string;

/** Opens a connection to a server that does what the test says. */
async function open(parameters: Readonly<Record<string, Variant>> = {}): Promise<void> {
  told = { connected: [], renamed: [], ended: [] };
  heard = "";
  const host: ConnectionHost = {
    connected: (self) => told.connected.push(self),
    selfRenamed: (self) => told.renamed.push(self),
    disconnected: (reason, fault) => told.ended.push({ reason, fault }),
  };
  const { port } = server.address() as AddressInfo;
  const given = {
    account: new Variant("s", "Tester"),
    server: new Variant("s", "127.0.0.1"),
    port: new Variant("q", port),
    ...parameters,
  };
  connection = irc.open(checkParameters(irc.parameters, new Map<string, Variant>(Object.entries(given))), host);
  const accepted = once(server, "connection");
  connection.connect();
  [socket] = await accepted;
  socket.on("data", (bytes) => {
    heard += bytes.toString();
  });
  socket.on("error", () => undefined);
  await eventually(() => expect(heard).toMatch(/USER [^\n]*\n/));
}

async function welcomed(support = "CASEMAPPING=ascii"): Promise<void> {
  await open();
  socket.write(`:irc 001 Tester :Welcome\r\n:irc 005 Tester ${support} :are supported\r\n:irc 422 Tester :No MOTD\r\n`);
  await eventually(() => expect(told.connected).toEqual(["Tester"]));
}

/** Resolves when the connection has read everything so far. */
async function read(): Promise<void> {
  const token = `t${Math.random()}`;
  socket.write(`PING :${token}\r\n`);
  await eventually(() => expect(heard).toContain(`PONG :${token}\r\n`));
}

/** Bytes of buffers that are in use. */
function held(): number {
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

test("a connection introduces itself", async () => {
  await open({
    password: new Variant("s", "two words"),
    fullname: new Variant("s", "Tess Ter"),
    ident: new Variant("s", "tt"),
  });
  expect(heard).toBe("PASS :two words\r\nNICK Tester\r\nUSER tt 0 * :Tess Ter\r\n");
});

test.each([
  ["rfc1459", ["[\\]~", "{|}^"], true],
  ["strict-rfc1459", ["[\\]", "{|}"], true],
  ["strict-rfc1459", ["~", "^"], false],
  ["ascii", ["[\\]", "{|}"], false],
  ["something-new", ["[\\]", "{|}"], false],
])("with CASEMAPPING=%s, %j are the same: %s", async (mapping, names, same) => {
  await welcomed(`CASEMAPPING=${mapping}`);
  const [first, second] = names.map((name) => connection.normalize(HandleType.Room, `#${name}`));
  expect(first === second).toBe(same);
});

test("a server that does not say folds by RFC 1459, and what it says later changes nothing", async () => {
  await welcomed("NICKLEN=9");
  expect(connection.normalize(HandleType.Contact, "A[b]")).toBe("a{b}");
  socket.write(":irc 005 Tester CASEMAPPING=ascii CHANTYPES=+ :are supported\r\n");
  await read();
  expect(connection.normalize(HandleType.Contact, "A[b]")).toBe("a{b}");
  expect(connection.normalize(HandleType.Room, "#A")).toBe("#a");
});

test("a server without channels has none", async () => {
  await welcomed("CHANTYPES=");
  expect(() => connection.normalize(HandleType.Room, "#a")).toThrow(InvalidHandleError);
});

test("PING is answered, however it is written", async () => {
  await open();
  socket.write("PING plain\r\nPING :with colon\r\n:irc PING :x\r\n");
  await eventually(() => expect(heard).toMatch(/PONG :plain\r\nPONG :with colon\r\nPONG :x\r\n/));
});

test("the user is who the server says, and other people's nicknames are theirs", async () => {
  await open();
  socket.write(":irc 001 Guest17 :Welcome\r\n:irc 251 Guest17 :users\r\n");
  await eventually(() => expect(told.connected).toEqual(["Guest17"]));
  socket.write(
    ":other!o@h NICK :new\r\n:GUEST17!g@h NICK Renamed\r\n:Renamed!g@h NICK :bad nick\r\n:Guest17 NICK :x\r\n",
  );
  await read();
  expect(told.renamed).toEqual(["Renamed"]);
});

test("replies that are cut short, and those that nobody asked for, do no harm", async () => {
  await welcomed();
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
  await read();
  expect(told.ended).toEqual([]);
});

test("a burst of a megabyte is read to its end", async () => {
  await welcomed();
  socket.write(":irc 372 Tester :- a line of a very long message of the day\r\n".repeat(16_000));
  await read();
});

test("a line without end costs no memory, and the next one counts", async () => {
  await welcomed();
  const before = held();
  for (let chunk = 0; chunk < 64; chunk++) {
    if (!socket.write(Buffer.alloc(1024 * 1024, "x"))) await once(socket, "drain");
  }
  socket.write("\r\n");
  await read();
  await eventually(() => expect(held() - before).toBeLessThan(4 * 1024 * 1024));
});

test("words of the server are shown without what could do harm, and not without end", async () => {
  await open();
  const words = `\u0002\u000304,12Go\u0007 \u001b[31maway\u202e ${"x".repeat(2_000)}`;
  socket.write(Buffer.concat([Buffer.from(`ERROR :${words}`), Buffer.from([0xff, 0x0d, 0x0a])]));
  await eventually(() => expect(told.ended).toHaveLength(1));
  const [end] = told.ended;
  const { serverMessage = "" } = end?.fault?.details ?? {};
  expect(serverMessage.startsWith("Go [31maway")).toBe(true);
  expect(serverMessage).toHaveLength(400);
  expect(serverMessage).not.toMatch(/\p{Cc}/u);
});

test("whatever a server says, nothing is thrown, and the connection ends once at most", async () => {
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
      const over = once(socket, "close");
      socket.end();
      await over;
      await eventually(() => expect(told.ended).toHaveLength(1));
      expect(told.connected.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 60 },
  );
});
