import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import {
  ConnectionClient,
  type ConnectionErrorDetails,
  ConnectionStatus,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ConnectionManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { ircProtocol, type ServedManager, serveConnectionManager } from "@dbus-codegen-ts/telepathy";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type PrivateBus, startPrivateBus } from "../../../../setup/private-bus.ts";
import { eventually } from "../../eventually.ts";
import { Authority, type Certificate } from "./certificates.ts";
import { IrcPeer, IrcServer, MISSING, SERVICES } from "./ngircd.ts";

const MANAGER = { destination: "im.telepathy1.ConnectionManager.test", path: "/im/telepathy1/ConnectionManager/test" };
const { Connected } = ConnectionStatus;
const Reason = ConnectionStatusReason;

let folder: string;
let daemon: PrivateBus;
let service: Bus;
let client: Bus;
let manager: ServedManager;
let connections: ConnectionManagerClient;
let authority: Authority;
const servers: IrcServer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "irc-"));
  if (MISSING === undefined) authority = new Authority(join(folder, "trusted"));
  daemon = await startPrivateBus();
  service = await connect({ bus: daemon.address });
  client = await connect({ bus: daemon.address });
  const options = authority === undefined ? {} : { authorities: [authority.pem], tlsTimeout: 1_000 };
  manager = await serveConnectionManager(service, { name: "test", protocols: [ircProtocol(options)] });
  connections = new ConnectionManagerClient(client, MANAGER);
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.kill();
});
afterAll(async () => {
  await manager?.close();
  await client?.close();
  await service?.close();
  await daemon?.stop();
  await rm(folder, { recursive: true });
});

type Heard = readonly [signal: string, ...args: readonly unknown[]];

/** A connection, and everything that it signals. */
interface Watched {
  readonly connection: ConnectionClient;
  readonly heard: Heard[];
  /** Resolves when the connection has the status. */
  reaches(status: ConnectionStatus): Promise<void>;
}

async function startServer(options: Parameters<typeof IrcServer.start>[0] = {}): Promise<IrcServer> {
  const server = await IrcServer.start(options);
  servers.push(server);
  return server;
}

async function request(port: number, more: Readonly<Record<string, Variant>> = {}): Promise<Watched> {
  const extra = { server: new Variant("s", "127.0.0.1"), ...more };
  const [destination, path] = await connections.requestConnection("irc", { account: "Tester", port, extra });
  const connection = new ConnectionClient(client, { destination, path });
  const heard: Heard[] = [];
  const { signals } = connection;
  await signals.connectionError.subscribe((...args) => heard.push(["ConnectionError", ...args]));
  await signals.statusChanged.subscribe((...args) => heard.push(["StatusChanged", ...args]));
  await signals.selfHandleChanged.subscribe((...args) => heard.push(["SelfHandleChanged", ...args]));
  const reaches = (status: ConnectionStatus): Promise<void> =>
    eventually(() => expect(heard.some(([signal, to]) => signal === "StatusChanged" && to === status)).toBe(true));
  return { connection, heard, reaches };
}

async function online(port: number, more?: Readonly<Record<string, Variant>>): Promise<Watched> {
  const watched = await request(port, more);
  await watched.connection.connect();
  await watched.reaches(Connected);
  return watched;
}

/** How a connection that was told to connect has ended. */
async function end({ connection, heard, reaches }: Watched): Promise<{
  readonly reason: unknown;
  readonly error: unknown;
  readonly details: unknown;
}> {
  await connection.connect().catch(() => undefined);
  await reaches(ConnectionStatus.Disconnected);
  const [error, status] = heard.slice(-2);
  expect(error?.[0]).toBe("ConnectionError");
  return { reason: status?.[2], error: String(error?.[1]).replace("im.telepathy1.Error.", ""), details: error?.[2] };
}

const text = (value: string): Variant => new Variant("s", value);
const TLS = { "use-ssl": new Variant("b", true), server: text("localhost") };

describe.skipIf(MISSING !== undefined)(`with ngIRCd${MISSING === undefined ? "" : ` (skipped: ${MISSING})`}`, () => {
  describe("what a server says about the account", () => {
    test("the right password lets in", async () => {
      const { port } = await startServer({ password: "open sesame" });
      const { connection } = await online(port, { password: text("open sesame") });
      await connection.disconnect();
    });

    test("a wrong one does not", async () => {
      const { port } = await startServer({ password: "right" });
      expect(await end(await request(port, { password: text("wrong") }))).toEqual({
        reason: Reason.AuthenticationFailed,
        error: "AuthenticationFailed",
        details: { serverMessage: "Access denied: Bad password?" },
      });
    });

    test("the nickname is in use", async () => {
      const { port } = await startServer();
      await using _ = await IrcPeer.enter(port, "TESTER");
      expect(await end(await request(port))).toEqual({
        reason: Reason.NameInUse,
        error: "AlreadyConnected",
        details: { serverMessage: "Nickname already in use" },
      });
    });

    test("the nickname is none there", async () => {
      const { port } = await startServer();
      expect(await end(await request(port, { account: text("x".repeat(21)) }))).toMatchObject({
        reason: Reason.AuthenticationFailed,
      });
    });

    test("the user is banned", async () => {
      const { port } = await startServer();
      await using operator = await IrcPeer.operator(port);
      await operator.does("KLINE *!*bad@* 100 :go away");
      expect(await end(await request(port, { username: text("bad") }))).toMatchObject({
        reason: Reason.AuthenticationFailed,
        error: "PermissionDenied",
      });
    });
  });

  describe("names", () => {
    test("are folded as the server says, and the same name has the same handle", async () => {
      const { port } = await startServer();
      const { connection } = await online(port);
      const self = await connection.properties.selfHandle.get();
      expect(await connection.inspectHandles(HandleType.Contact, [self])).toEqual(["tester"]);
      expect(await connection.requestHandles(HandleType.Contact, ["TESTER", "Bob", "bOB"])).toEqual([self, 2, 2]);
      // ngIRCd says CASEMAPPING=ascii, where brackets and braces differ.
      expect(await connection.requestHandles(HandleType.Contact, ["[bob]", "{bob}"])).toEqual([3, 4]);
      // It says CHANTYPES=#&+ too.
      expect(await connection.requestHandles(HandleType.Room, ["#Room", "#room", "&x", "+y"])).toEqual([1, 1, 2, 3]);
      expect(await connection.inspectHandles(HandleType.Room, [1, 3])).toEqual(["#room", "+y"]);
      for (const [type, name] of [
        [HandleType.Contact, "#room"],
        [HandleType.Contact, ""],
        [HandleType.Contact, "a b"],
        [HandleType.Contact, "a\r\nQUIT"],
        [HandleType.Room, "room"],
        [HandleType.Room, "#"],
        [HandleType.Room, "#a,#b"],
        [HandleType.Room, "#a\u0007"],
      ] as const) {
        await expect(connection.requestHandles(type, [name])).rejects.toBeInstanceOf(InvalidHandleError);
      }
      await connection.disconnect();
    });

    test("another nickname is another self handle, and what was known of the old one stays", async () => {
      const { port } = await startServer();
      const { connection, heard } = await online(port);
      const [old] = heard.filter(([signal]) => signal === "SelfHandleChanged").map(([, handle]) => handle);
      heard.splice(0);
      await using services = await IrcPeer.services(port);
      services.type(`:${SERVICES} SVSNICK Tester Renamed`);
      await eventually(() => expect(heard).toEqual([["SelfHandleChanged", 2]]));
      expect(await connection.properties.selfHandle.get()).toBe(2);
      expect(await connection.inspectHandles(HandleType.Contact, [1, 2])).toEqual(["tester", "renamed"]);
      expect(old).toBe(1);
      await connection.disconnect();
      await services.hears(":Renamed QUIT");
    });
  });

  describe("TLS", () => {
    let certificate: Certificate;
    beforeAll(() => {
      certificate = authority.sign();
    });

    test("with a good certificate", async () => {
      const { port } = await startServer({ certificate });
      const { connection } = await online(port, TLS);
      await connection.disconnect();
    });

    test("require-encryption is enough to have it", async () => {
      const { port } = await startServer({ certificate });
      const { connection } = await online(port, {
        "require-encryption": new Variant("b", true),
        server: text("localhost"),
      });
      await connection.disconnect();
    });

    test("a server that has none", async () => {
      const { port } = await startServer();
      expect(await end(await request(port, TLS))).toMatchObject({
        reason: Reason.EncryptionError,
        error: "EncryptionNotAvailable",
      });
    });

    test.each<[string, () => Certificate, number, string, ConnectionErrorDetails]>([
      ["signed by itself", () => authority.selfSigned(), Reason.CertSelfSigned, "Cert.SelfSigned", {}],
      [
        "signed by an authority that nobody knows",
        () => new Authority(join(folder, "untrusted")).sign(),
        Reason.CertUntrusted,
        "Cert.Untrusted",
        {},
      ],
      [
        "expired",
        () => authority.sign({ from: "20200101000000Z", until: "20210101000000Z" }),
        Reason.CertExpired,
        "Cert.Expired",
        {},
      ],
      [
        "not valid yet",
        () => authority.sign({ from: "20990101000000Z", until: "21000101000000Z" }),
        Reason.CertNotActivated,
        "Cert.NotActivated",
        {},
      ],
      [
        "made out to another host",
        () => authority.sign({ host: "elsewhere.example" }),
        Reason.CertHostnameMismatch,
        "Cert.HostnameMismatch",
        { expectedHostname: "localhost", certificateHostname: "elsewhere.example" },
      ],
    ])("a certificate %s", async (_, make, reason, error, details) => {
      const { port } = await startServer({ certificate: make() });
      const ended = await end(await request(port, TLS));
      expect(ended).toMatchObject({ reason, error, details });
      expect(JSON.stringify(ended)).not.toContain("password");
    });
  });

  describe("the end", () => {
    test("Disconnect says goodbye in the user's words, and waits until the server has hung up", async () => {
      const { port } = await startServer();
      await using services = await IrcPeer.services(port);
      const { connection, heard } = await online(port, { "quit-message": text("good night") });
      heard.splice(0);
      await connection.disconnect();
      expect(heard).toEqual([["StatusChanged", ConnectionStatus.Disconnected, Reason.Requested]]);
      await services.hears(':Tester QUIT :"good night"');
    });

    test("a server that is killed is a connection lost", async () => {
      const server = await startServer();
      const watched = await online(server.port);
      await server.kill();
      expect(await end(watched)).toMatchObject({ reason: Reason.NetworkError, error: "ConnectionLost" });
    });

    test("a server that hangs is a ping timeout", async () => {
      const server = await startServer();
      const watched = await online(server.port, { "keepalive-interval": new Variant("u", 1) });
      server.freeze();
      expect(await end(watched)).toEqual({
        reason: Reason.NetworkError,
        error: "ConnectionLost",
        details: { debugMessage: "ping timeout" },
      });
    });

    test("a user who is killed by an operator reads why", async () => {
      const { port } = await startServer();
      const watched = await online(port);
      await using operator = await IrcPeer.operator(port);
      operator.type("KILL Tester :go away");
      const { reason, details } = await end(watched);
      expect(reason).toBe(Reason.NetworkError);
      expect(JSON.stringify(details)).toContain("go away");
    });

    test("disconnecting a connection that is still connecting needs no server", async () => {
      const server = await startServer();
      server.freeze();
      const { connection, heard } = await request(server.port);
      await connection.connect();
      const before = performance.now();
      await connection.disconnect();
      expect(performance.now() - before).toBeLessThan(1_000);
      expect(heard.at(-1)).toEqual(["StatusChanged", ConnectionStatus.Disconnected, Reason.Requested]);
    });
  });
});
