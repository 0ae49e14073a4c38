import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mock } from "dbus-codegen-ts/testing";
import { afterAll, describe, expect, test, vi } from "vitest";
import { ServerAuthentication } from "../../../runtime/core/bus/accept-peer.ts";
import {
  type Bus,
  connectPeer,
  DisconnectedError,
  listen,
  NameHasNoOwnerError,
  NotSupportedError,
  PEER,
  UnknownObjectError,
} from "../../../runtime/core/index.ts";
import { Deframer } from "../../../runtime/core/wire/deframer.ts";
import { encodeMessage } from "../../../runtime/core/wire/message.ts";
import { Writer } from "../../../runtime/core/wire/writer.ts";
import { Everything1, Everything1Client } from "../../e2e/generated/org.example.Everything1.ts";

const folder = mkdtempSync(join(tmpdir(), "peers ü-"));
afterAll(() => rmSync(folder, { recursive: true }));

let sockets = 0;
const newAddress = (): string => `unix:path=${encodeURIComponent(join(folder, `socket${sockets++}`))}`;
const everything = (peer: Bus, path: `/${string}` = "/everything"): Everything1Client =>
  new Everything1Client(peer, { destination: PEER, path });

describe("a connection without a bus", () => {
  test("has typed services and clients on both ends", async () => {
    const sum = (a: number, b: number): number => a + b;
    const server = mock(Everything1, { sum, oldWay: async ({ sender }) => sender }, { announced: "before" });
    const client = mock(Everything1, { sum: (a, b) => a * b });
    const accepted: Bus[] = [];
    await using listening = await listen(newAddress(), async (peer) => {
      accepted.push(peer);
      await peer.serve("/everything", server.service);
    });
    await using peer = await connectPeer(listening.address);
    await peer.serve("/everything", client.service);
    const remote = everything(peer);
    expect(await remote.sum(2, 3)).toBe(5);
    expect(await remote.oldWay()).toBe(PEER);
    await expect(everything(peer, "/other").sum(2, 3)).rejects.toThrow(UnknownObjectError);

    await using _ = await remote.$cache();
    expect(remote.properties.announced.value).toBe("before");
    server.properties.announced = "after";
    await expect.poll(() => remote.properties.announced.value).toBe("after");

    const [other] = accepted;
    if (other === undefined) throw new Error("no peer was accepted");
    const back = everything(other);
    expect(await back.sum(2, 3)).toBe(6);
    const received: unknown[] = [];
    await back.signals.ping.subscribe((...args) => received.push(args));
    client.signals.ping(7, {});
    await expect.poll(() => received).toEqual([[7, {}]]);
  });

  test("has no names to own, and ends with the socket", async () => {
    let accept: (peer: Bus) => void = () => undefined;
    const accepted = new Promise<Bus>((resolve) => {
      accept = resolve;
    });
    const listening = await listen(newAddress(), (peer) => accept(peer));
    const peer = await connectPeer(listening.address);
    await expect(peer.requestName("org.example.A")).rejects.toThrow(NotSupportedError);
    const call = { destination: "org.freedesktop.DBus", path: "/", member: "GetNameOwner", signature: "s" };
    await expect(peer.call({ ...call, args: ["org.example.A"] })).rejects.toThrow(NameHasNoOwnerError);
    const owners: unknown[] = [];
    await peer.watchName(PEER, (owner) => owners.push(owner));
    const { uniqueName } = await accepted;
    await listening.close();
    await listening.close();
    expect(await peer.closed).toBeInstanceOf(DisconnectedError);
    expect([owners, uniqueName]).toEqual([[PEER, undefined], ":peer.local"]);
    await expect(connectPeer(listening.address)).rejects.toThrow(/^cannot connect to the peer: connect ENOENT/);
  });

  test("has a sender that the peer cannot choose", async () => {
    const senders: string[] = [];
    const { service } = mock(Everything1, { oldWay: async ({ sender }) => String(senders.push(sender)) });
    await using listening = await listen(newAddress(), async (peer) => void (await peer.serve("/", service)));
    const socket = createConnection(pathIn(listening.address));
    socket.write(Buffer.concat([Buffer.from("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"), rawCall("org.freedesktop.DBus")]));
    await expect.poll(() => senders).toEqual([PEER]);
    socket.destroy();
  });
});

describe("the socket", () => {
  test("is a file that only the user can open, and is removed", async () => {
    const listening = await listen(newAddress(), () => undefined);
    const path = pathIn(listening.address);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(listen(`unix:path=${encodeURIComponent(path)}`, () => undefined)).rejects.toThrow("EADDRINUSE");
    await listening.close();
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    "unix:abstract=a",
    "unix:dir=/tmp",
    "unix:tmpdir=/tmp",
    "tcp:host=localhost,port=1",
    "unixexec:path=cat",
    "nonsense",
  ])("cannot be %s", async (address) => {
    await expect(listen(address, () => undefined)).rejects.toThrow("only at an address unix:path=");
  });

  test("does not replace a file", async () => {
    writeFileSync(join(folder, "file"), "kept");
    const address = `unix:path=${encodeURIComponent(join(folder, "file"))}`;
    await expect(listen(address, () => undefined)).rejects.toThrow("EADDRINUSE");
  });

  test.each<[title: string, replace: (path: string) => void]>([
    ["a file", (path) => writeFileSync(path, "kept")],
    ["a folder", (path) => void mkdirSync(path)],
    ["the socket of another server", (path) => void createServer().listen(path).unref()],
    ["a link to the socket, which was moved", (path) => symlinkSync(`${path}.moved`, path)],
  ])("that %s has replaced is not removed", async (_, replace) => {
    const listening = await listen(newAddress(), () => undefined);
    const path = pathIn(listening.address);
    renameSync(path, `${path}.moved`);
    replace(path);
    const before = lstatSync(path);
    await listening.close();
    expect(lstatSync(path).ino).toBe(before.ino);
  });

  test("leaves nothing else in its folder", async () => {
    const inner = join(folder, "inner");
    mkdirSync(inner);
    const listening = await listen(`unix:path=${encodeURIComponent(join(inner, "s"))}`, () => undefined);
    expect(readdirSync(inner)).toEqual(["s"]);
    await listening.close();
    expect(readdirSync(inner)).toEqual([]);
    writeFileSync(join(inner, "s"), "kept");
    await expect(listen(`unix:path=${encodeURIComponent(join(inner, "s"))}`, () => undefined)).rejects.toThrow();
    expect(readdirSync(inner)).toEqual(["s"]);
  });

  test("has a path that the kernel does not cut", async () => {
    const before = readdirSync(folder);
    const path = join(folder, "x".repeat(108 - Buffer.byteLength(folder)));
    await expect(listen(`unix:path=${encodeURIComponent(path)}`, () => undefined)).rejects.toThrow("at most 107 bytes");
    expect(readdirSync(folder)).toEqual(before);
  });

  test("authenticates a peer whose lines arrive in parts, with its first message", async () => {
    await using listening = await listen(newAddress(), async (peer) => {
      await peer.serve("/everything", mock(Everything1).service);
    });
    const socket = createConnection(pathIn(listening.address));
    for (const part of ["\0AUTH EXT", `ERNAL ${me}\r`, "\nBEG"]) {
      socket.write(part, "latin1");
      await sleep(5);
    }
    socket.write(Buffer.concat([Buffer.from("IN\r\n"), rawCall(":1.1")]));
    const reply = new Deframer();
    const received: string[] = [];
    for await (const chunk of socket) {
      const isText = received.length === 0;
      if (isText) received.push(String(chunk).slice(0, 2));
      const message = [...reply.split(isText ? chunk.subarray(chunk.indexOf("\n") + 1) : chunk)][0];
      if (message !== undefined) {
        received.push(`reply to ${message.replySerial}`);
        break;
      }
    }
    expect(received).toEqual(["OK", "reply to 7"]);
  });

  test("closes connections that are not authenticated when the server is closed, without a warning", async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: unknown): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const listening = await listen(newAddress(), () => undefined);
    const sockets = Array.from({ length: 20 }, () => createConnection(pathIn(listening.address)).resume());
    // A connection that the server has not accepted yet is reset.
    for (const socket of sockets) socket.on("error", () => undefined);
    const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    await sleep(20);
    await listening.close();
    await closed;
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  test("closes peers that do not authenticate, and others can connect", async () => {
    await using listening = await listen(newAddress(), () => undefined, { timeout: 50 });
    const socket = createConnection(pathIn(listening.address)).resume();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await closed;
    // On a busy machine, a peer may need more time than this server allows.
    await using peer = await vi.waitFor(() => connectPeer(listening.address));
    expect(peer.uniqueName).toBe(":peer.local");
  });
});

const me = Buffer.from(String(process.getuid?.())).toString("hex");
const REJECTED_THRICE = new Array<string>(3).fill("REJECTED EXTERNAL");
describe("the authentication of a peer", () => {
  test.each<{ lines: readonly string[]; answers: readonly (string | undefined)[] }>([
    { lines: [`\0AUTH EXTERNAL ${me}`, "BEGIN"], answers: ["OK id", undefined] },
    { lines: ["\0AUTH EXTERNAL", "DATA", "BEGIN"], answers: ["DATA", "OK id", undefined] },
    { lines: ["\0AUTH", `AUTH EXTERNAL ${me}`], answers: ["REJECTED EXTERNAL", "OK id"] },
    { lines: ["\0AUTH ANONYMOUS 00"], answers: ["REJECTED EXTERNAL"] },
    { lines: ["\0AUTH EXTERNAL 3939393939"], answers: ["REJECTED EXTERNAL"] },
    { lines: ["\0AUTH EXTERNAL root", "AUTH EXTERNAL 30x", "AUTH EXTERNAL 303"], answers: REJECTED_THRICE },
    { lines: [`\0AUTH EXTERNAL ${me}`, "NEGOTIATE_UNIX_FD"], answers: ["OK id", 'ERROR "not supported"'] },
    { lines: [`\0AUTH EXTERNAL ${me}`, "CANCEL"], answers: ["OK id", "REJECTED EXTERNAL"] },
  ])("$lines", ({ lines, answers }) => {
    const authentication = new ServerAuthentication("id", false);
    expect(lines.map((line) => authentication.answer(line))).toEqual(answers);
  });

  test.each<[string, readonly string[], readonly (string | undefined)[], boolean]>([
    ["are not negotiated", [`\0AUTH EXTERNAL ${me}`, "BEGIN"], ["OK id", undefined], false],
    [
      "are negotiated",
      [`\0AUTH EXTERNAL ${me}`, "NEGOTIATE_UNIX_FD", "BEGIN"],
      ["OK id", "AGREE_UNIX_FD", undefined],
      true,
    ],
    ["are negotiated before the user is known", ["\0NEGOTIATE_UNIX_FD"], ['ERROR "not supported"'], false],
    [
      "are negotiated before another attempt",
      [`\0AUTH EXTERNAL ${me}`, "NEGOTIATE_UNIX_FD", "CANCEL", `AUTH EXTERNAL ${me}`],
      ["OK id", "AGREE_UNIX_FD", "REJECTED EXTERNAL", "OK id"],
      false,
    ],
  ])("file descriptors that can pass %s", (_, lines, answers, passes) => {
    const authentication = new ServerAuthentication("id", true);
    expect(lines.map((line) => authentication.answer(line))).toEqual(answers);
    expect(authentication.passesDescriptors).toBe(passes);
  });

  test.each([
    ["without NUL", ["AUTH EXTERNAL"]],
    ["with BEGIN first", ["\0BEGIN"]],
    ["with BEGIN after a rejection", ["\0AUTH EXTERNAL 3939393939", "BEGIN"]],
    ["with BEGIN after CANCEL", [`\0AUTH EXTERNAL ${me}`, "CANCEL", "BEGIN"]],
    ["without end", ["\0", ...new Array<string>(20).fill("AUTH")]],
  ])("%s fails", (_, lines) => {
    const authentication = new ServerAuthentication("id", false);
    expect(() => lines.map((line) => authentication.answer(line))).toThrow(/the peer/);
    expect(authentication.isComplete).toBe(false);
  });
});

function pathIn(address: string): string {
  return decodeURIComponent(/path=([^,]*)/.exec(address)?.[1] ?? "");
}

/** Returns the bytes of a call to the served object with a sender in the header. */
function rawCall(sender: string): Uint8Array {
  const writer = new Writer();
  const header = { type: 1, flags: 0, serial: 7, path: "/", interface: Everything1.name, member: "OldWay", sender };
  encodeMessage(writer, header);
  return writer.copyBytes();
}
