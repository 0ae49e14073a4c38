import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProgramCommand } from "./address.ts";

/**
 * Starts a program and returns a socket that is connected to its standard input and output. The program ends when it
 * reads the end of its input. Its standard error is that of this process.
 *
 * @throws Error if the program cannot be started.
 */
export async function startProgram({ path, args, argv0 = path }: ProgramCommand): Promise<Socket> {
  const [own, other] = await socketPair();
  const { spawn } = await import("node:child_process");
  const program = spawn(path, args, { argv0, stdio: [other, other, "inherit"] });
  const started = new Promise((resolve, reject) => program.once("spawn", resolve).once("error", reject));
  try {
    await started;
  } catch (error) {
    own.destroy();
    throw error;
  } finally {
    other.destroy();
  }
  // The connection, not the program, keeps this process running.
  program.unref();
  return own;
}

/** Returns two sockets that are connected with each other, by way of a folder that no other user can open. */
async function socketPair(): Promise<readonly [Socket, Socket]> {
  const folder = await mkdtemp(join(tmpdir(), "dbus-codegen-"));
  const server = createServer({ pauseOnConnect: true });
  try {
    const path = join(folder, "socket");
    const accepted = new Promise<Socket>((resolve, reject) => server.once("connection", resolve).once("error", reject));
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
    const own = createConnection(path);
    const connected = new Promise((resolve, reject) => own.once("connect", resolve).once("error", reject));
    const [other] = await Promise.all([accepted, connected]);
    return [own, other];
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
