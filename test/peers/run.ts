import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { Measured } from "./drive.ts";
import type { Peer } from "./programs.ts";

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

const nameOf = ({ name }: Peer): string => `org.example.${name.replaceAll("-", "_")}`;

/** Starts the server of a library. Resolves when it is ready; it runs until it is killed. */
export async function startServer(peer: Peer, address: string): Promise<ChildProcess> {
  const server = start(peer, ["server", address, nameOf(peer)]);
  await new Promise((resolve, reject) => {
    server.stdout?.once("data", resolve);
    server.once("exit", (code) => reject(new Error(`the server of ${peer.name} ended with code ${code}`)));
  });
  return server;
}

/** Runs one load with a client of a library. The server is of the same library unless another one is given. */
export async function runClient(
  peer: Peer,
  address: string,
  load: string,
  seconds: number,
  server = peer,
): Promise<Measured> {
  const client = start(peer, ["client", address, nameOf(server), load, `${seconds}`]);
  const output = client.stdout === null ? "" : await text(client.stdout);
  if (output === "") throw new Error(`the client of ${peer.name} did not run ${load}`);
  return JSON.parse(output);
}

/** Runs one load with several clients at the same time. Returns their calls together, and the processor time of all. */
export async function runClients(
  count: number,
  ...[peer, address, load, seconds, server]: Parameters<typeof runClient>
): Promise<Measured> {
  const runs = await Promise.all(Array.from({ length: count }, () => runClient(peer, address, load, seconds, server)));
  const sumOf = (read: (run: Measured) => number): number => runs.reduce((sum, run) => sum + read(run), 0);
  return {
    calls: sumOf((run) => run.calls),
    seconds: sumOf((run) => run.seconds) / count,
    clientCpu: sumOf((run) => run.clientCpu),
    // Each client reports the time of the server for the calls of all.
    serverCpu: sumOf((run) => run.serverCpu) / count,
  };
}

function start({ command: [program, ...first] }: Peer, args: readonly string[]): ChildProcess {
  const child = spawn(program, [...first, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}
