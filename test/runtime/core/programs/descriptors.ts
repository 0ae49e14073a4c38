// Passes file descriptors over a bus, or without one, where the package `koffi` is found.
// Arguments: address of the bus or of a socket to listen on, "bus", "peer" (a connection without a bus) or "serve" (only
// the service), and scenarios. Prints a JSON object for each scenario: its name and its outcome.

import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { once } from "node:events";
import { closeSync, fstatSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Bus,
  connect,
  connectPeer,
  type Incoming,
  listen,
  PEER,
  type UnixFd,
  Variant,
} from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { descriptorCalls } from "../../../../runtime/core/bus/descriptor-calls.ts";
import { socketTransport } from "../../../../runtime/core/bus/socket-transport.ts";
import type { Transport } from "../../../../runtime/core/bus/transport.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import { encodeMessage } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { Files1Client, Files1Service } from "../generated/org.example.Files1.ts";

const [address = "", connection = "bus", ...scenarios] = process.argv.slice(2);
const PATH = "/org/example/files";
const folder = mkdtempSync(join(tmpdir(), "descriptors-"));

function fileWith(text: string, name = "file"): number {
  const path = join(folder, name);
  writeFileSync(path, text);
  return openSync(path, "r");
}

/** Returns two connected transports. The second transport does not read before it is started. */
async function transports(): Promise<[Transport, Transport]> {
  const path = join(folder, "socket");
  const server = createServer({ pauseOnConnect: true }).listen(path);
  const first = createConnection(path);
  const [[second]] = await Promise.all([once(server, "connection"), once(first, "connect")]);
  server.close();
  const [sender, receiver] = [first.pause(), second].map((socket) =>
    socketTransport(socket, ":1.1", 0, new Uint8Array(), { mayLoseDescriptors: true }, descriptorCalls()),
  );
  if (sender === undefined || receiver === undefined) throw new Error("there are two");
  sender.start({ onBytes: () => undefined, onClose: () => undefined });
  return [sender, receiver];
}

function readAndClose(file: UnixFd): string {
  const text = readFileSync(file, "utf8");
  closeSync(file);
  return text;
}

const openNow = (): number => readdirSync("/proc/self/fd").length;
/** Waits until the number of open descriptors is the same as before. Sent descriptors are closed with a delay. */
async function allClosed(before: number): Promise<void> {
  for (let waited = 0; openNow() !== before && waited < 60_000; waited += 10) await sleep(10);
  equal(openNow(), before);
}
const isSameFile = (a: UnixFd, b: UnixFd): boolean => fstatSync(a).ino === fstatSync(b).ino;

class Files extends Files1Service {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    super();
    this.#bus = bus;
  }
  read(file: UnixFd): string {
    return readAndClose(file);
  }
  write(text: string): UnixFd {
    return this.#sent(fileWith(text));
  }
  echo(
    files: readonly UnixFd[],
    named: Readonly<Record<string, Variant>>,
    padding: Uint8Array,
  ): [readonly UnixFd[], Readonly<Record<string, Variant>>, Uint8Array] {
    const all = Object.values(named).map(({ value }) => Number(value));
    for (const file of [...files, ...all]) this.#sent(file);
    return [files, named, padding];
  }
  refuse(): void {}
  announce(_incoming: Incoming): void {
    const file = fileWith("signalled");
    this.signals.opened(file);
    this.#sent(file);
  }

  /** Closes a descriptor after it is sent. Returns the descriptor. */
  #sent(file: UnixFd): UnixFd {
    setImmediate(() => void this.#bus.drained.then(() => closeSync(file)));
    return file;
  }
}

const [service, bus] = await (connection === "peer" ? openPeers() : openBuses());
const destination = connection === "peer" ? PEER : service.uniqueName;
const files = new Files1Client(bus, { destination, path: PATH });

/** Opens connections of a service and of a client to a bus. */
async function openBuses(): Promise<[Bus, Bus]> {
  const service = await connect({ bus: address });
  await service.serve(PATH, new Files(service));
  return [service, await connect({ bus: address })];
}

/** Opens a connection without a bus, and returns both ends. */
async function openPeers(): Promise<[Bus, Bus]> {
  const accepted = deferred<Bus>();
  const server = await listen(address, async (peer) => {
    await peer.serve(PATH, new Files(peer));
    accepted.resolve(peer);
  });
  const peer = await connectPeer(server.address);
  void peer.closed.then(() => server.close());
  return [await accepted.promise, peer];
}

if (connection === "serve") {
  process.stdout.write(`${service.uniqueName}\n`);
  await service.closed;
  process.exit();
}

const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
  async "a descriptor is sent and returned"() {
    const file = fileWith("from the client");
    equal(await files.read(file), "from the client");
    closeSync(file);
    equal(readAndClose(await files.write("from the service")), "from the service");
  },

  async "one message carries several descriptors, and one twice"() {
    const [a, b] = [fileWith("a"), openSync("/dev/null", "r")];
    const named = { a: new Variant("h", a), list: new Variant("s", "x") };
    const [echoed, dictionary] = await files.echo([a, b, a], { a: named.a }, new Uint8Array());
    const all = [...echoed, Number(dictionary["a"]?.value)];
    equal(new Set([...all, a, b]).size, 6);
    deepEqual(
      all.map((file) => isSameFile(file, a)),
      [true, false, true, true],
    );
    for (const file of [...all, a, b]) closeSync(file);
  },

  async "descriptors pass in messages of every size among other traffic"() {
    const own = Array.from({ length: 5 }, () => openSync("/dev/null", "r"));
    let plain = 0;
    const chatter = async (): Promise<void> => {
      for (let count = 0; count < 200; count++) {
        const { length } = (await files.echo([], {}, new Uint8Array(count * 200)))[2];
        equal(length, count * 200);
        plain++;
      }
    };
    const passing = async (size: number): Promise<void> => {
      for (let count = 1; count <= 60; count++) {
        const sent = own.slice(0, count % 6);
        const [echoed, , padding] = await files.echo(sent, {}, new Uint8Array(size * count));
        equal(padding.length, size * count);
        equal(echoed.length, sent.length);
        for (const file of echoed) {
          equal(isSameFile(file, own[0] ?? -1), true);
          closeSync(file);
        }
      }
    };
    await Promise.all([chatter(), chatter(), passing(0), passing(10), passing(5_000), passing(50_000)]);
    equal(plain, 400);
    for (const file of own) closeSync(file);
  },

  async "bytes and descriptors keep their order while nobody reads, also if the sender closes them at once"() {
    const [sender, receiver] = await transports();
    const length = 50_000;
    const files: number[] = [];
    for (let count = 0; count < 40; count++) {
      const file = count % 3 === 0 ? fileWith(`${count}`, `file-${count}`) : undefined;
      sender.write(Buffer.alloc(length, count), file === undefined ? undefined : [file]);
      if (file === undefined) continue;
      files.push(fstatSync(file).ino);
      closeSync(file);
    }
    equal(sender.queued > 30 * length, true);
    const bytes: Buffer[] = [];
    let received = 0;
    const passed: number[] = [];
    receiver.start({
      onBytes(chunk, descriptors = []) {
        for (const descriptor of descriptors) {
          // Descriptors arrive with the first byte of their message.
          const start = passed.length * 3 * length;
          equal(received <= start && start < received + chunk.length, true);
          passed.push(fstatSync(descriptor).ino);
          closeSync(descriptor);
        }
        received += chunk.length;
        bytes.push(Buffer.from(chunk));
      },
      onClose: (error) => equal(error, undefined),
    });
    await sender.drained();
    sender.close();
    for (let waited = 0; received < 40 * length && waited < 60_000; waited += 10) await sleep(10);
    equal(
      Buffer.concat(bytes).equals(Buffer.concat(Array.from({ length: 40 }, (_, n) => Buffer.alloc(length, n)))),
      true,
    );
    deepEqual(passed, files);
    receiver.destroy();
  },

  async "a message that lacks its descriptors is malformed, unless the process could not take them"() {
    const [sender, receiver] = await transports();
    equal(receiver.mayLoseDescriptors, false);
    const deframer = new Deframer();
    const outcomes: string[] = [];
    receiver.start({
      onBytes(chunk, descriptors) {
        try {
          for (const message of deframer.split(chunk, descriptors)) {
            outcomes.push(message.descriptors === undefined ? "lost" : "arrived");
            message.descriptors?.close();
          }
        } catch (error) {
          outcomes.push(String(error));
        }
      },
      onClose: () => undefined,
    });
    const writer = new Writer();
    const header = { type: 2, flags: 0, serial: 1, replySerial: 1, unixFds: 1 };
    encodeMessage(writer, header, { ...bodyCodec("u"), signature: "h" }, [0]);
    const send = async (descriptors?: readonly number[]): Promise<void> => {
      const { length } = outcomes;
      sender.write(writer.copyBytes(), descriptors);
      for (let waited = 0; outcomes.length === length && waited < 60_000; waited += 10) await sleep(10);
    };
    const file = openSync("/dev/null", "r");
    await send([file]);
    const others: number[] = [];
    throws(() => {
      for (;;) others.push(openSync("/dev/null", "r"));
    }, /EMFILE/);
    await send([file]);
    for (const other of others) closeSync(other);
    await send();
    closeSync(file);
    sender.destroy();
    receiver.destroy();
    deepEqual(outcomes, ["arrived", "lost", "MalformedMessageError: a message lacks its file descriptors"]);
  },

  async "descriptors that wait are closed with the connection"() {
    const [sender, receiver] = await transports();
    const file = fileWith("waits");
    for (let count = 0; count < 40; count++) sender.write(Buffer.alloc(50_000), [file]);
    closeSync(file);
    receiver.destroy();
    sender.destroy();
    await sender.drained();
    equal(sender.queued, 0);
  },

  async "16 descriptors are sent at once, and 17 are rejected"() {
    const file = openSync("/dev/null", "r");
    const [echoed] = await files.echo(new Array(16).fill(file), {}, new Uint8Array());
    equal(new Set(echoed).size, 16);
    for (const descriptor of echoed) closeSync(descriptor);
    await rejects(files.echo(new Array(17).fill(file), {}, new Uint8Array()), /"files"\[16\]: .* at most 16/);
    closeSync(file);
    await rejects(files.read(file), /argument "file": expected an open file descriptor/);
    equal(readAndClose(await files.write("still here")), "still here");
  },

  async "the first listener to a signal gets its descriptor"() {
    const heard: string[] = [];
    await using _ = await files.signals.opened.subscribe((file) => heard.push(readAndClose(file)));
    await using __ = await files.signals.opened.subscribe((file) => heard.push(readAndClose(file)));
    await files.announce();
    deepEqual(heard, ["signalled"]);
  },

  async "a descriptor without a receiver is closed"() {
    const file = openSync("/dev/null", "r");
    const call = { destination, path: PATH, interface: "org.example.Files1" };
    const passing = { signature: "h", args: [file] };
    const before = openNow();
    for (let count = 0; count < 20; count++) {
      await rejects(files.refuse(file), /AccessDenied|privilege/);
      await rejects(bus.call({ ...call, ...passing, path: "/nowhere", member: "Read" }), /there is no object/);
      await rejects(bus.call({ ...call, ...passing, member: "Burn" }), /has no method/);
      await rejects(bus.call({ ...call, signature: "hs", args: [file, "x"], member: "Read" }), /takes "h"/);
      const given = new AbortController();
      const late = files.write("late", { signal: given.signal });
      given.abort(new Error("given up"));
      await rejects(late, /given up/);
      await files.announce();
    }
    await bus.call({ ...call, member: "Announce" });
    await allClosed(before);
    closeSync(file);
  },

  async "a peer that refuses to pass descriptors is connected without them"() {
    let received = "";
    const answers = [`OK ${"0".repeat(32)}`, 'ERROR "not here"', `OK ${"0".repeat(32)}`];
    const path = join(folder, "refusing");
    const server = createServer((socket) => {
      socket.on("data", (bytes) => {
        received += String(bytes);
        const answer = String(bytes).endsWith("\n") ? answers.shift() : undefined;
        if (answer !== undefined) socket.write(`${answer}\r\n`);
      });
    }).listen(path);
    await once(server, "listening");
    const peer = await connectPeer(`unix:path=${path}`);
    const file = openSync("/dev/null", "r");
    const call = { destination: PEER, path: "/", interface: "a.b", member: "C", signature: "h", args: [file] };
    await rejects(peer.call(call), /file descriptors cannot pass over this connection/);
    closeSync(file);
    await peer.close();
    // The server closes when it has read everything from its connections.
    await once(server.close(), "close");
    const commands = received.match(/AUTH EXTERNAL|NEGOTIATE_UNIX_FD|BEGIN/g);
    deepEqual(commands, ["AUTH EXTERNAL", "NEGOTIATE_UNIX_FD", "AUTH EXTERNAL", "BEGIN"]);
  },

  async "an index without a descriptor fails only its call"() {
    await using raw = await RawPeer.connect(address);
    const header = { destination: service.uniqueName, path: PATH, member: "Read" };
    const { bytes } = raw.encode({ ...header, unixFds: 1 }, "u", [7]);
    // The signature of the body precedes the number of descriptors in the header.
    bytes[bytes.indexOf("u".charCodeAt(0))] = "h".charCodeAt(0);
    const file = openSync("/dev/null", "r");
    raw.write(bytes, [file]);
    await raw.settled(service.uniqueName);
    const [reply = ""] = raw.received.map(described);
    match(String(reply), /^InvalidArgs: a value of type h has no file descriptor/);
    closeSync(file);
    equal(readAndClose(await files.write("x")), "x");
  },

  async "all remaining descriptors are closed with the connection"() {
    const before = openNow();
    const third = await connect({ bus: address });
    const own = new Files1Client(third, { destination: service.uniqueName, path: PATH });
    const calls = Array.from({ length: 50 }, () => own.write("never read"));
    void Promise.allSettled(calls);
    await sleep(5);
    await third.close();
    const settled = await Promise.allSettled(calls);
    for (const outcome of settled) if (outcome.status === "fulfilled") closeSync(outcome.value);
    await allClosed(before);
  },
};

/** Returns "passed", or the error of a scenario. */
async function outcomeOf(scenario: string): Promise<string> {
  const before = openNow();
  try {
    const run = SCENARIOS[scenario];
    if (run === undefined) throw new Error("there is no such scenario");
    await run();
    await allClosed(before);
    return "passed";
  } catch (error) {
    return error instanceof Error ? String(error.stack) : String(error);
  }
}

for (const scenario of scenarios) {
  const outcome = await outcomeOf(scenario);
  process.stdout.write(`${JSON.stringify({ scenario, outcome })}\n`);
}
await bus.close();
await service.close();
rmSync(folder, { recursive: true });
