import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Certificate, OPENSSL } from "./certificates.ts";

/** Server name of the IRC services that `IrcPeer.connectServices` links to the server. */
export const SERVICES = "services.test.example";
const LINK_PASSWORD = "link";

const NGIRCD = "ngircd";

/** Message about a missing program that tests with an IRC server need; undefined if all programs are installed. */
export const MISSING_PROGRAM = findMissingProgram();

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const server of running) server.kill("SIGKILL");
});

/** Options of an IRC server. */
export interface IrcServerOptions {
  readonly password?: string;
  /** Port to listen on; an unused port by default. */
  readonly port?: number;
  /** Certificate of the server, which then accepts only TLS. */
  readonly certificate?: Certificate;
}

/** An ngIRCd process that listens on the loopback interface. */
export class IrcServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  static async start({ password = "", port: requestedPort, certificate }: IrcServerOptions = {}): Promise<IrcServer> {
    const folder = await mkdtemp(join(tmpdir(), "ngircd-"));
    // If the server is started as root, it continues as an unprivileged user, who must be able to read the files.
    await chmod(folder, 0o755);
    const port = requestedPort ?? (await freePort());
    const file = join(folder, "ngircd.conf");
    await writeFile(
      file,
      configuration({ port, password, tls: certificate && (await copyCertificate(certificate, folder)) }),
    );
    const server = spawn(NGIRCD, ["--nodaemon", "--config", file], { stdio: "ignore" });
    running.add(server);
    const started = new IrcServer(folder, server, port);
    await started.#ready();
    return started;
  }

  private constructor(folder: string, server: ChildProcess, port: number) {
    this.#folder = folder;
    this.#process = server;
    this.port = port;
  }

  /** Stops the process with SIGSTOP. The kernel still accepts connections. */
  freeze(): void {
    this.#process.kill("SIGSTOP");
  }

  /** Kills the process. Further calls do nothing. */
  async kill(): Promise<void> {
    if (!running.delete(this.#process)) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
    await rm(this.#folder, { recursive: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  async #ready(): Promise<void> {
    for (let tries = 0; tries < 2000; tries++) {
      if (this.#process.exitCode !== null) throw new Error("ngircd has ended");
      const socket = connect(this.port, "127.0.0.1");
      const [isConnected] = await Promise.race([
        once(socket, "connect").then(() => [true]),
        once(socket, "error"),
      ]).catch(() => [false]);
      socket.destroy();
      if (isConnected === true) return;
      await sleep(25);
    }
    throw new Error("ngircd does not answer");
  }
}

/** Another client of an IRC server. It sends the lines that the test gives it. */
export class IrcPeer implements AsyncDisposable {
  readonly #socket: Socket;
  #received = "";

  /** Connects a client and registers a user. */
  static async connectUser(port: number, nick: string): Promise<IrcPeer> {
    const user = new IrcPeer(connect(port, "127.0.0.1"));
    user.send(`NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
    await user.waitFor(" 376 ");
    return user;
  }

  /** Connects a client and registers a user who is an operator of the server. */
  static async connectOperator(port: number): Promise<IrcPeer> {
    const user = await IrcPeer.connectUser(port, "operator");
    user.send("OPER op op");
    await user.waitFor(" 381 ");
    return user;
  }

  /** Links IRC services to the server. Services are a separate server that can change nicknames of users. */
  static async connectServices(port: number): Promise<IrcPeer> {
    const peer = new IrcPeer(connect(port, "127.0.0.1"));
    peer.send(`PASS ${LINK_PASSWORD} 0210-IRC+ test|1:`, `SERVER ${SERVICES} 1 :services`);
    await peer.waitFor("PING");
    return peer;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#received += bytes.toString();
    });
    socket.on("error", () => undefined);
  }

  send(...lines: readonly string[]): void {
    for (const line of lines) this.#socket.write(`${line}\r\n`);
  }

  /** Sends lines. Resolves when the server has processed them. */
  async sendAndWait(...lines: readonly string[]): Promise<void> {
    this.send(...lines, "PING done");
    await this.waitFor("PONG");
  }

  /** Resolves when the server has sent a line that contains a text. */
  async waitFor(text: string): Promise<void> {
    for (let tries = 0; tries < 2400 && !this.#received.includes(text); tries++) await sleep(25);
    if (!this.#received.includes(text)) throw new Error(`no ${text} in ${this.#received}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }
}

/** Ports below the range from which Linux chooses ports, because such a port could be in use when a server starts. */
const PORTS = { first: 12_000, count: 20_000 } as const;
let lastPort = PORTS.first + ((process.pid * 100) % PORTS.count);

/** Returns an unused port of the loopback interface. Other test processes get other ports. */
export async function freePort(): Promise<number> {
  for (;;) {
    lastPort = PORTS.first + ((lastPort + 1 - PORTS.first) % PORTS.count);
    const server = createServer().listen(lastPort, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return lastPort;
  }
}

interface Configuration {
  readonly port: number;
  readonly password: string;
  readonly tls: Certificate | undefined;
}

function configuration({ port, password, tls }: Configuration): string {
  const ssl = tls && `[SSL]\nCertFile = ${tls.certificate}\nKeyFile = ${tls.key}\nPorts = ${port}`;
  return `[Global]
Name = irc.test.example
Info = Test
AdminEMail = admin@test.example
Listen = 127.0.0.1
${tls === undefined ? `Ports = ${port}` : "Ports = 0"}
${password === "" ? "" : `Password = ${password}`}
[Limits]
MaxNickLength = 20
MaxConnectionsIP = 0
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
OperCanUseMode = yes
[Operator]
Name = op
Password = op
[Server]
Name = ${SERVICES}
Host = 127.0.0.1
MyPassword = ${LINK_PASSWORD}
PeerPassword = ${LINK_PASSWORD}
Passive = yes
${ssl ?? ""}
`;
}

async function copyCertificate({ certificate, key }: Certificate, folder: string): Promise<Certificate> {
  const copies = { certificate: join(folder, "certificate.pem"), key: join(folder, "key.pem") };
  await copyFile(certificate, copies.certificate);
  await copyFile(key, copies.key);
  for (const file of Object.values(copies)) await chmod(file, 0o644);
  return copies;
}

function findMissingProgram(): string | undefined {
  for (const [command, ...args] of [
    [NGIRCD, "--version"],
    [OPENSSL, "version"],
  ]) {
    if (command !== undefined && spawnSync(command, args).error !== undefined) return `${command} is not installed`;
  }
  return undefined;
}
