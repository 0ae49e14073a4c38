// Clients of servers, as users of the host. Reads a command per line of standard input, and prints a result per line.
// Argument: port of the servers.
//
// A socket belongs to the user, group and control group that this process has while it creates the socket. So one process
// of root has the sockets of all users.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";

/** The user, group and control group of a socket. */
export interface SocketOwner {
  readonly uid: number;
  readonly gid: number;
  /** Folder of the control group. Default: that of this process. */
  readonly cgroup?: string;
}

/** Source and destination of a connection. */
interface Path {
  readonly host: string;
  /** Source address; empty if the system chooses the address. */
  readonly from: string;
}

/**
 * A task of the program. Tasks refer to a connection or sender of datagrams by the number of the command that created
 * it.
 */
export type ClientTask =
  /** Connects, and returns the first text of the server. */
  | { readonly greet: Path; readonly owner: SocketOwner }
  /** Connects, and keeps the connection. Returns the first text of the server. */
  | { readonly open: Path; readonly owner: SocketOwner }
  /** Sends data over a connection that was opened with `open`. Returns the reply. */
  | { readonly ask: number }
  /** Sends a datagram every five milliseconds, even if the system refuses it. Returns after the first attempt. */
  | { readonly sendTo: string; readonly owner: SocketOwner }
  /** Ends a sender of datagrams. */
  | { readonly stop: number };

/** A line of the input: a task with the number of the command. */
export type ClientCommand = ClientTask & { readonly id: number };

/** A line of the output: the text of a server, or an error code, with the number of the command. */
export interface ClientResult {
  readonly id: number;
  readonly text: string;
}

const port = Number(process.argv[2]);
const ownCgroup = cgroupFolder();
const connections = new Map<number, () => Promise<string>>();
const senders = new Map<number, NodeJS.Timeout>();
/** Resolves when earlier sockets were created, and this process is root in its original control group. */
let isRoot: Promise<unknown> = Promise.resolve();

process.setgroups?.([]);
createInterface({ input: process.stdin }).on("line", async (line) => {
  const command: ClientCommand = JSON.parse(line);
  const result: ClientResult = { id: command.id, text: await run(command) };
  process.stdout.write(`${JSON.stringify(result)}\n`);
});

async function run(command: ClientCommand): Promise<string> {
  if ("greet" in command) return greet(command.greet, command.owner);
  if ("open" in command) return open(command.id, command.open, command.owner);
  if ("ask" in command) return (await connections.get(command.ask)?.()) ?? "there is no such connection";
  if ("sendTo" in command) return sendDatagrams(command.id, command.sendTo, command.owner);
  clearInterval(senders.get(command.stop));
  return "stopped";
}

/** Calls a function that creates a socket, while this process has the user, group and control group of the owner. */
function createAs({ uid, gid, cgroup }: SocketOwner, create: () => void): Promise<void> {
  const created = isRoot.then(async () => {
    if (cgroup !== undefined) enter(cgroup);
    process.setegid?.(gid);
    process.seteuid?.(uid);
    create();
    // Node.js creates the socket after the call, within this turn of the event loop.
    await nextTurn();
    process.seteuid?.(0);
    process.setegid?.(0);
    if (cgroup !== undefined) enter(ownCgroup);
  });
  isRoot = created;
  return created;
}

async function greet(path: Path, owner: SocketOwner): Promise<string> {
  return new Promise((resolve) => {
    void createAs(owner, () => {
      const socket = connectTo(path);
      const end = (text: string): void => {
        resolve(text);
        socket.destroy();
      };
      socket.setTimeout(2_000, () => end("timeout"));
      socket.once("data", (chunk) => end(chunk.toString()));
      socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    });
  });
}

async function open(id: number, path: Path, owner: SocketOwner): Promise<string> {
  return new Promise((resolve) => {
    void createAs(owner, () => {
      const socket = connectTo(path);
      // The connection may be reset at any time, also while no reply is awaited.
      let failure: string | undefined;
      socket.on("error", (error: NodeJS.ErrnoException) => {
        failure = error.code ?? error.message;
      });
      const reply = async (): Promise<string> => failure ?? once(socket, "data").then(String, () => String(failure));
      connections.set(id, () => {
        socket.write("are you there?");
        return reply();
      });
      resolve(reply());
    });
  });
}

async function sendDatagrams(id: number, host: string, owner: SocketOwner): Promise<string> {
  const isIpv6 = host.includes(":");
  const socket = createSocket(isIpv6 ? "udp6" : "udp4");
  socket.on("error", () => undefined);
  const created = once(socket, "listening");
  await createAs(owner, () => socket.bind(0, isIpv6 ? "::" : "0.0.0.0"));
  await created;
  // Otherwise the system refuses broadcasts, whatever the firewall does.
  if (!isIpv6) socket.setBroadcast(true);
  const send = (): void => socket.send("datagram", port, host, () => undefined);
  send();
  senders.set(id, setInterval(send, 5));
  return "sending";
}

function connectTo({ host, from }: Path): Socket {
  return connect({ host, port, ...(from && { localAddress: from }) });
}

/** Moves this process to a control group. */
function enter(folder: string): void {
  writeFileSync(join(folder, "cgroup.procs"), "0");
}

function cgroupFolder(): string {
  const path = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "";
  const mount = /^\S+ (\S+) cgroup2 /m.exec(readFileSync("/proc/self/mounts", "utf8"))?.[1] ?? "";
  return join(mount, path);
}
