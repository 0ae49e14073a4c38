import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Certificate, OPENSSL } from "./certificates.ts";

/** Name of the server that services link to others as. */
export const SERVICES = "services.test.example";
const LINK_PASSWORD = "link";

const NGIRCD = "ngircd";

/** Why there is no IRC server to test with; undefined where there is one. */
export const MISSING = missing();

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const server of running) server.kill("SIGKILL");
});

/** What may be set about the server. */
export interface IrcServerOptions {
  readonly password?: string;
  /** By default one that is free. */
  readonly port?: number;
  /** Speaks TLS alone, with this certificate. */
  readonly certificate?: Certificate;
}

/** An IRC server of its own, ngIRCd, on a port of the loopback interface. */
export class IrcServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  static async start({ password = "", port: wanted, certificate }: IrcServerOptions = {}): Promise<IrcServer> {
    const folder = await mkdtemp(join(tmpdir(), "ngircd-"));
    // As root it becomes nobody, who has to read its files.
    await chmod(folder, 0o755);
    const port = wanted ?? (await freePort());
    const file = join(folder, "ngircd.conf");
    await writeFile(file, configuration({ port, password, tls: certificate && (await copied(certificate, folder)) }));
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

  /** Keeps it from doing anything; the kernel still takes connections for it. */
  freeze(): void {
    this.#process.kill("SIGSTOP");
  }

  /** Ends it at once. Again does nothing. */
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
    for (let tries = 0; tries < 200; tries++) {
      if (this.#process.exitCode !== null) throw new Error("ngircd has ended");
      const socket = connect(this.port, "127.0.0.1");
      const [found] = await Promise.race([once(socket, "connect").then(() => [true]), once(socket, "error")]).catch(
        () => [false],
      );
      socket.destroy();
      if (found === true) return;
      await sleep(25);
    }
    throw new Error("ngircd does not answer");
  }
}

/** Somebody else on a server, who types what the test says. */
export class IrcPeer implements AsyncDisposable {
  readonly #socket: Socket;
  #heard = "";

  /** Another user. */
  static async enter(port: number, nick: string): Promise<IrcPeer> {
    const user = new IrcPeer(connect(port, "127.0.0.1"));
    user.type(`NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
    await user.hears(" 376 ");
    return user;
  }

  /** A user who may do everything. */
  static async operator(port: number): Promise<IrcPeer> {
    const user = await IrcPeer.enter(port, "operator");
    user.type("OPER op op");
    await user.hears(" 381 ");
    return user;
  }

  /** Services, which are a server of their own, and may give users other nicknames. */
  static async services(port: number): Promise<IrcPeer> {
    const peer = new IrcPeer(connect(port, "127.0.0.1"));
    peer.type(`PASS ${LINK_PASSWORD} 0210-IRC+ test|1:`, `SERVER ${SERVICES} 1 :services`);
    await peer.hears("PING");
    return peer;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#heard += bytes.toString();
    });
    socket.on("error", () => undefined);
  }

  type(...lines: readonly string[]): void {
    for (const line of lines) this.#socket.write(`${line}\r\n`);
  }

  /** Types, and resolves when the server has done it. */
  async does(...lines: readonly string[]): Promise<void> {
    this.type(...lines, "PING done");
    await this.hears("PONG");
  }

  async hears(text: string): Promise<void> {
    for (let tries = 0; tries < 400 && !this.#heard.includes(text); tries++) await sleep(25);
    if (!this.#heard.includes(text)) throw new Error(`no ${text} in ${this.#heard}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }
}

/** A port of the loopback interface that nobody listens to. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

interface Configured {
  readonly port: number;
  readonly password: string;
  readonly tls: Certificate | undefined;
}

function configuration({ port, password, tls }: Configured): string {
  const ssl = tls && `[SSL]\nCertFile = ${tls.certificate}\nKeyFile = ${tls.key}\nPorts = ${port}`;
  return `[Global]
Name = irc.test.example
Info = Test
AdminEMail = nobody@test.example
Listen = 127.0.0.1
${tls === undefined ? `Ports = ${port}` : "Ports = 0"}
${password === "" ? "" : `Password = ${password}`}
[Limits]
MaxNickLength = 20
MaxConnectionsIP = 0
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

async function copied({ certificate, key }: Certificate, folder: string): Promise<Certificate> {
  const copies = { certificate: join(folder, "certificate.pem"), key: join(folder, "key.pem") };
  await copyFile(certificate, copies.certificate);
  await copyFile(key, copies.key);
  for (const file of Object.values(copies)) await chmod(file, 0o644);
  return copies;
}

function missing(): string | undefined {
  for (const [command, ...args] of [
    [NGIRCD, "--version"],
    [OPENSSL, "version"],
  ]) {
    if (command !== undefined && spawnSync(command, args).error !== undefined) return `${command} is not installed`;
  }
  return undefined;
}
