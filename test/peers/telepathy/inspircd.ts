import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithUs } from "../../reliability/support.ts";
import { freePort } from "../../runtime/telepathy/protocols/irc/ngircd.ts";
import { until } from "./session.ts";

const INSPIRCD = "/usr/sbin/inspircd";

/** Reason why tests with InspIRCd cannot run; undefined if they can. */
export const MISSING_INSPIRCD = existsSync(INSPIRCD) ? undefined : "inspircd is not installed";

/** An InspIRCd process, which supports MONITOR, away-notify and extended-monitor, on the loopback interface. */
export class MonitoringServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  static async start(): Promise<MonitoringServer> {
    const folder = await mkdtemp(join(tmpdir(), "inspircd-"));
    const port = await freePort();
    await writeFile(join(folder, "motd"), "Test\n");
    await writeFile(join(folder, "inspircd.conf"), configuration(port, folder));
    const args = ["--nofork", "--nopid", "--runasroot", "--config", join(folder, "inspircd.conf")];
    const server = new MonitoringServer(folder, port, endsWithUs(spawn(INSPIRCD, args, { stdio: "ignore" })));
    await until("inspircd does not answer", () => canConnect(port));
    return server;
  }

  private constructor(folder: string, port: number, server: ChildProcess) {
    this.#folder = folder;
    this.port = port;
    this.#process = server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
    await rm(this.#folder, { recursive: true });
  }
}

/** A port that passes connections on to a server, and records the lines of the clients. */
export class RecordingPort implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async open(target: number): Promise<RecordingPort> {
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    return new RecordingPort(port, server, target);
  }

  private constructor(port: number, server: Server, target: number) {
    this.port = port;
    this.#server = server;
    server.on("connection", (client) => {
      const upstream = connect(target, "127.0.0.1");
      for (const socket of [client, upstream]) this.#sockets.add(socket.on("error", () => undefined));
      let rest = "";
      client.on("data", (bytes) => {
        const parts = (rest + bytes.toString()).split(/\r?\n/);
        rest = parts.pop() ?? "";
        this.lines.push(...parts);
      });
      client.pipe(upstream).pipe(client);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function configuration(port: number, folder: string): string {
  return `<config format="xml">
<server name="irc.test.example" description="Test" network="Test" id="001">
<admin name="Test" nick="test" email="test@test.example">
<bind address="127.0.0.1" port="${port}" type="clients">
<connect name="all" allow="*" localmax="100" globalmax="100" resolvehostnames="no" fakelag="no" commandrate="100000">
<files motd="${folder}/motd">
<path configdir="${folder}" datadir="${folder}" logdir="${folder}" runtimedir="${folder}">
<module name="cap">
<module name="ircv3">
<module name="monitor">
`;
}
