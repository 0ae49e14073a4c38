import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fstatSync, mkdtempSync, openSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { connect, InvalidValueError, MissingDescriptorError } from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import { decodeBodyWithDescriptors, encodeMessage, type Message } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { programArguments } from "../../../setup/program.ts";
import { koffiFolder } from "../fixtures/koffi.ts";
import { messageAs } from "../fixtures/mistyped-messages.ts";
import { RawPeer } from "../fixtures/raw-peer.ts";
import { PATH, startVault } from "../fixtures/service-bus.ts";
import { Files1, Files1Client } from "../generated/org.example.Files1.ts";

// File descriptors need the optional package koffi: programs that find it pass them over a private bus.

const SCENARIOS = [
  "a descriptor is sent and returned",
  "one message carries several descriptors, and one twice",
  "descriptors pass in messages of every size among other traffic",
  "bytes and descriptors keep their order while nobody reads, also if the sender closes them at once",
  "a message that lacks its descriptors is malformed, unless the process could not take them",
  "descriptors that wait are closed with the connection",
  "16 descriptors are sent at once, and 17 are rejected",
  "the first listener to a signal gets its descriptor",
  "a descriptor without a receiver is closed",
  "an index without a descriptor fails only its call",
  "all remaining descriptors are closed with the connection",
] as const;

/**
 * Each row: a scenario between two connections. Some scenarios use a bus; in the others, the two connections are the
 * ends of one connection without a bus.
 */
const PEER_SCENARIOS = [
  "a descriptor is sent and returned",
  "one message carries several descriptors, and one twice",
  "descriptors pass in messages of every size among other traffic",
  "16 descriptors are sent at once, and 17 are rejected",
  "the first listener to a signal gets its descriptor",
  "a descriptor without a receiver is closed",
  "a peer that refuses to pass descriptors is connected without them",
] as const;

const folder = koffiFolder();
const program = fileURLToPath(new URL("../programs/descriptors.ts", import.meta.url));

/** Runs a program, and returns the outcomes of its scenarios by name. */
async function outcomes(command: string, args: readonly string[], env = {}): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await promisify(execFile)(command, args, { env: { ...process.env, ...env } });
  const results: { scenario: string; outcome: string }[] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return new Map(results.map(({ scenario, outcome }) => [scenario, outcome]));
}

// One process runs all scenarios, because each process takes a third of a second to start.
describe.skipIf(folder === undefined)("file descriptors pass, and none is left open", () => {
  let results: ReadonlyMap<string, string>;
  beforeAll(async () => {
    await using daemon = await startPrivateBus();
    // The maximum number of open files is small, so that a program can reach it.
    const limited = ["-c", 'ulimit -n 256 && exec "$@"', "sh", process.execPath];
    const args = [...limited, ...programArguments(program), daemon.address, "bus", ...SCENARIOS];
    results = await outcomes("sh", args, { NODE_PATH: folder });
  });

  test.each(SCENARIOS)("%s", (scenario) => expect(results.get(scenario)).toBe("passed"));
});

describe.skipIf(folder === undefined)("file descriptors pass without a bus, and none is left open", () => {
  let results: ReadonlyMap<string, string>;
  beforeAll(async () => {
    const sockets = mkdtempSync(join(tmpdir(), "peers-"));
    const args = [...programArguments(program), `unix:path=${sockets}/socket`, "peer", ...PEER_SCENARIOS];
    results = await outcomes(process.execPath, args, { NODE_PATH: folder });
    rmSync(sockets, { recursive: true });
  });

  test.each(PEER_SCENARIOS)("%s", (scenario) => expect(results.get(scenario)).toBe("passed"));
});

test.skipIf(folder === undefined)("a runtime that is linked into a project finds the project's package", async () => {
  await using daemon = await startPrivateBus();
  const project = mkdtempSync(join(tmpdir(), "linked-"));
  symlinkSync(folder ?? "", join(project, "node_modules"));
  const main = join(project, "main.mjs");
  const bundle = programArguments(program).at(-1);
  writeFileSync(main, `await import(${JSON.stringify(bundle)});`);
  const results = await outcomes(process.execPath, [main, daemon.address, "bus", SCENARIOS[0]]);
  rmSync(project, { recursive: true });
  expect(results.get(SCENARIOS[0])).toBe("passed");
});

test.skipIf(folder === undefined)(
  "a reply or signal with a descriptor fails immediately without the package koffi",
  async () => {
    await using daemon = await startPrivateBus();
    const service = spawn(process.execPath, [...programArguments(program), daemon.address, "serve"], {
      env: { ...process.env, NODE_PATH: folder },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(service, "exit");
    const [destination] = String(await once(service.stdout, "data").then(([text]) => text)).split("\n");
    const errors: unknown[] = [];
    await using bus = await connect({ bus: daemon.address, onError: (error) => errors.push(error) });
    const target = { destination: destination ?? "", path: "/org/example/files" };
    const files = new Files1Client(bus, target);
    const before = readdirSync("/proc/self/fd").length;
    const call = { ...target, interface: Files1.name, member: "Write", signature: "s", args: ["x"] };
    await expect(bus.call(call)).rejects.toThrow(MissingDescriptorError);
    await expect(files.write("x")).rejects.toThrow(/^Write: file descriptors cannot pass over this connection/);
    const heard: unknown[] = [];
    await using _ = await files.signals.opened.subscribe((file) => heard.push(file));
    await files.announce();
    await expect(files.write("x")).rejects.toThrow();
    expect([heard, errors]).toEqual([[], []]);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
    service.kill();
    await exited;
  },
);

test("rejects file descriptors without the package koffi", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address });
  const call = { destination: bus.uniqueName, path: "/", member: "M", signature: "ah", args: [[1]] };
  const sent = bus.call(call);
  await expect(sent).rejects.toBeInstanceOf(InvalidValueError);
  await expect(sent).rejects.toThrow("argument 1[0]: file descriptors cannot pass over this connection: it needs");
});

describe.each([10, 50_000])("a message with %i values of type h but no descriptors fails only itself", (count) => {
  const indexes = new Array(count).fill(0);

  test("if it is a call", async () => {
    const { vault: _, raw, replies, bus } = await startVault();
    raw.write(
      messageAs("au", indexes, "ah", { ...HEADER, type: 1, destination: bus.uniqueName, path: PATH, member: "Look" }),
    );
    expect(await replies("Look")).toEqual(['InvalidArgs: org.example.Vault1.Look takes "", got "ah"', ["look"]]);
  });

  test("if it is a reply or a signal", async () => {
    await using daemon = await startPrivateBus();
    await using peer = await RawPeer.connect(daemon.address);
    await using bus = await connect({ bus: daemon.address });
    const origin = { path: "/", interface: "a.b", member: "C" };
    let heard = 0;
    const onSignal = (signal: Message): void => {
      decodeBodyWithDescriptors(signal, bodyCodec("ah"));
      heard++;
    };
    await bus.listen({ ...origin, sender: peer.uniqueName, codec: bodyCodec("ah"), onSignal });
    const call = bus.call({ ...origin, destination: peer.uniqueName }).catch((error: unknown) => error);
    await expect.poll(() => peer.received).toHaveLength(1);
    const replySerial = peer.received[0]?.serial;
    peer.write(messageAs("au", indexes, "ah", { ...HEADER, type: 4, ...origin }));
    peer.write(messageAs("au", indexes, "ah", { ...HEADER, type: 2, destination: bus.uniqueName, replySerial }));
    expect(await call).toBeInstanceOf(MissingDescriptorError);
    expect(heard).toBe(0);
    expect(await bus.requestName("org.example.Alive")).toMatchObject({ state: "owner" });
  });
});

const HEADER = { flags: 0, serial: 1000 };

describe("a received file descriptor belongs to", () => {
  /** Returns a message whose header states a number of descriptors, and whose body is the index of a descriptor. */
  function message(unixFds: number | undefined, index: number): Uint8Array {
    const writer = new Writer();
    const header = { type: 2, flags: 0, serial: 1, replySerial: 1, unixFds };
    encodeMessage(writer, header, { ...bodyCodec("u"), signature: "h" }, [index]);
    return writer.copyBytes();
  }
  const open = (): number => openSync("/dev/null", "r");
  const read = (received: Message): unknown[] => decodeBodyWithDescriptors(received, bodyCodec("h"));
  const isOpen = (descriptor: number): boolean => {
    try {
      return fstatSync(descriptor).isCharacterDevice();
    } catch {
      return false;
    }
  };

  test("the message that starts in the bytes with which it arrived", () => {
    const deframer = new Deframer();
    const [first, second] = [open(), open()];
    const bytes = message(1, 0);
    const before = [...deframer.split(Buffer.concat([message(undefined, 0), bytes.subarray(0, 20)]), [first])];
    const after = [...deframer.split(Buffer.concat([bytes.subarray(20), bytes.subarray(0, 8)]), [second])];
    const last = [...deframer.split(bytes.subarray(8))];
    expect(before.map(({ descriptors }) => descriptors)).toEqual([undefined]);
    expect([...after, ...last].map(read)).toEqual([[first], [second]]);
    expect([first, second].map(isOpen)).toEqual([true, true]);
  });

  test("no later message, if some descriptors of its message are lost", () => {
    const deframer = new Deframer({ mayLoseDescriptors: true });
    const [lost, next] = [open(), open()];
    const [short] = [...deframer.split(message(2, 0), [lost])];
    const [whole] = [...deframer.split(message(1, 0), [next])];
    expect(() => short && read(short)).toThrow(MissingDescriptorError);
    expect(whole && read(whole)).toEqual([next]);
    expect([lost, next].map(isOpen)).toEqual([false, true]);
  });

  test("closes descriptors that are not read, and rejects an index without one", () => {
    const deframer = new Deframer({ mayLoseDescriptors: true });
    const unread = open();
    const [wrong] = deframer.split(message(1, 7), [unread]);
    expect(() => wrong && read(wrong)).toThrow(MissingDescriptorError);
    wrong?.descriptors?.close();
    const late = open();
    expect([...deframer.split(message(1, 0).subarray(0, 20), [late])]).toEqual([]);
    deframer.closeDescriptors();
    expect([unread, late].map(isOpen)).toEqual([false, false]);
  });
});
