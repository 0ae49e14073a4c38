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
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type PrivateBus, startPrivateBus } from "../../../../setup/private-bus.ts";
import { eventually } from "../../eventually.ts";
import { Authority, type Certificate } from "./certificates.ts";
import { IrcPeer, IrcServer, MISSING_PROGRAM, SERVICES } from "./ngircd.ts";

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
  if (MISSING_PROGRAM === undefined) authority = new Authority(join(folder, "trusted"));
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

type ReceivedSignal = readonly [signal: string, ...args: readonly unknown[]];

/** A connection and all its received signals. */
interface WatchedConnection {
  readonly connection: ConnectionClient;
  readonly received: ReceivedSignal[];
  /** Resolves when StatusChanged with a status was received. */
  reaches(status: ConnectionStatus): Promise<void>;
}

async function startServer(options: Parameters<typeof IrcServer.start>[0] = {}): Promise<IrcServer> {
  const server = await IrcServer.start(options);
  servers.push(server);
  return server;
}

async function request(port: number, more: Readonly<Record<string, Variant>> = {}): Promise<WatchedConnection> {
  const extra = { account: new Variant("s", "Tester"), server: new Variant("s", "127.0.0.1"), ...more };
  const [destination, path] = await connections.requestConnection("irc", { port, extra });
  const connection = new ConnectionClient(client, { destination, path });
  const received: ReceivedSignal[] = [];
  const { signals } = connection;
  await signals.connectionError.subscribe((...args) => received.push(["ConnectionError", ...args]));
  await signals.statusChanged.subscribe((...args) => received.push(["StatusChanged", ...args]));
  await signals.selfHandleChanged.subscribe((...args) => received.push(["SelfHandleChanged", ...args]));
  const reaches = (status: ConnectionStatus): Promise<void> =>
    eventually(() => expect(received.some(([signal, to]) => signal === "StatusChanged" && to === status)).toBe(true));
  return { connection, received, reaches };
}

async function requestConnected(port: number, more?: Readonly<Record<string, Variant>>): Promise<WatchedConnection> {
  const watched = await request(port, more);
  await watched.connection.connect();
  await watched.reaches(Connected);
  return watched;
}

/** Calls Connect. Resolves with the reason, error and details when the connection has ended. */
async function waitForEnd({ connection, received, reaches }: WatchedConnection): Promise<{
  readonly reason: unknown;
  readonly error: unknown;
  readonly details: unknown;
}> {
  await connection.connect().catch(() => undefined);
  await reaches(ConnectionStatus.Disconnected);
  const [error, status] = received.slice(-2);
  expect(error?.[0]).toBe("ConnectionError");
  return { reason: status?.[2], error: String(error?.[1]).replace("im.telepathy1.Error.", ""), details: error?.[2] };
}

const text = (value: string): Variant => new Variant("s", value);
const TLS = { "use-ssl": new Variant("b", true), server: text("localhost") };

describe.skipIf(MISSING_PROGRAM !== undefined)(
  `with ngIRCd${MISSING_PROGRAM === undefined ? "" : ` (skipped: ${MISSING_PROGRAM})`}`,
  () => {
    describe("registration", () => {
      test("succeeds with the right password", async () => {
        const { port } = await startServer({ password: "open sesame" });
        const { connection } = await requestConnected(port, { password: text("open sesame") });
        await connection.disconnect();
      });

      test("fails with a wrong password", async () => {
        const { port } = await startServer({ password: "right" });
        expect(await waitForEnd(await request(port, { password: text("wrong") }))).toEqual({
          reason: Reason.AuthenticationFailed,
          error: "AuthenticationFailed",
          details: {
            debugMessage: "Access denied: Bad password?",
            serverMessage: "Access denied: Bad password?",
          },
        });
      });

      test("fails if the nickname is in use", async () => {
        const { port } = await startServer();
        await using _ = await IrcPeer.connectUser(port, "TESTER");
        expect(await waitForEnd(await request(port))).toEqual({
          reason: Reason.NameInUse,
          error: "AlreadyConnected",
          details: { debugMessage: "Nickname already in use", serverMessage: "Nickname already in use" },
        });
      });

      test("fails if the server does not accept the nickname", async () => {
        const { port } = await startServer();
        expect(await waitForEnd(await request(port, { account: text("x".repeat(21)) }))).toMatchObject({
          reason: Reason.AuthenticationFailed,
        });
      });

      test("fails if the user is banned", async () => {
        const { port } = await startServer();
        await using operator = await IrcPeer.connectOperator(port);
        await operator.sendAndWait("KLINE *!*bad@* 100 :go away");
        expect(await waitForEnd(await request(port, { username: text("bad") }))).toMatchObject({
          reason: Reason.AuthenticationFailed,
          error: "PermissionDenied",
        });
      });
    });

    describe("names", () => {
      test("are normalised by the server's case mapping", async () => {
        const { port } = await startServer();
        const { connection } = await requestConnected(port);
        const self = await connection.properties.selfHandle.get();
        expect(await connection.inspectHandles(HandleType.Contact, [self])).toEqual(["tester"]);
        expect(await connection.requestHandles(HandleType.Contact, ["TESTER", "Bob", "bOB"])).toEqual([self, 2, 2]);
        // ngIRCd sends CASEMAPPING=ascii, with which brackets and braces are different characters.
        expect(await connection.requestHandles(HandleType.Contact, ["[bob]", "{bob}"])).toEqual([3, 4]);
        // ngIRCd sends CHANTYPES=#&+.
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

      test("a changed nickname changes the self handle, and the old handle stays valid", async () => {
        const { port } = await startServer();
        const { connection, received } = await requestConnected(port);
        const [old] = received.filter(([signal]) => signal === "SelfHandleChanged").map(([, handle]) => handle);
        received.splice(0);
        await using services = await IrcPeer.connectServices(port);
        services.send(`:${SERVICES} SVSNICK Tester Renamed`);
        await eventually(() => expect(received).toEqual([["SelfHandleChanged", 2]]));
        expect(await connection.properties.selfHandle.get()).toBe(2);
        expect(await connection.inspectHandles(HandleType.Contact, [1, 2])).toEqual(["tester", "renamed"]);
        expect(old).toBe(1);
        await connection.disconnect();
        await services.waitFor(":Renamed QUIT");
      });
    });

    describe("TLS", () => {
      let certificate: Certificate;
      beforeAll(() => {
        certificate = authority.sign();
      });

      test("connects with a valid certificate", async () => {
        const { port } = await startServer({ certificate });
        const { connection } = await requestConnected(port, TLS);
        await connection.disconnect();
      });

      test("is enabled by require-encryption", async () => {
        const { port } = await startServer({ certificate });
        const { connection } = await requestConnected(port, {
          "require-encryption": new Variant("b", true),
          server: text("localhost"),
        });
        await connection.disconnect();
      });

      test("is not available on a plain server", async () => {
        const { port } = await startServer();
        expect(await waitForEnd(await request(port, TLS))).toMatchObject({
          reason: Reason.EncryptionError,
          error: "EncryptionNotAvailable",
        });
      });

      const INVALID: readonly (readonly [string, () => Certificate, number, string, ConnectionErrorDetails])[] = [
        ["that is self-signed", () => authority.selfSigned(), Reason.CertSelfSigned, "Cert.SelfSigned", {}],
        [
          "of an unknown authority",
          () => new Authority(join(folder, "untrusted")).sign(),
          Reason.CertUntrusted,
          "Cert.Untrusted",
          {},
        ],
        [
          "that has expired",
          () => authority.sign({ from: "20200101000000Z", until: "20210101000000Z" }),
          Reason.CertExpired,
          "Cert.Expired",
          {},
        ],
        [
          "that is not valid yet",
          () => authority.sign({ from: "20990101000000Z", until: "21000101000000Z" }),
          Reason.CertNotActivated,
          "Cert.NotActivated",
          {},
        ],
        ["with a weak key", () => authority.sign({ rsaBits: 1024 }), Reason.CertInsecure, "Cert.Insecure", {}],
        [
          "of another host",
          () => authority.sign({ host: "elsewhere.example" }),
          Reason.CertHostnameMismatch,
          "Cert.HostnameMismatch",
          { expectedHostname: "localhost", certificateHostname: "elsewhere.example" },
        ],
      ];

      afterEach(() => vi.unstubAllEnvs());

      test.each(INVALID)(
        "rejects a certificate %s, also with NODE_TLS_REJECT_UNAUTHORIZED=0",
        async (_, make, reason, error, details) => {
          const { port } = await startServer({ certificate: make() });
          for (const variable of [undefined, "0"]) {
            vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", variable);
            const ended = await waitForEnd(await request(port, TLS));
            expect(ended).toMatchObject({ reason, error, details });
            expect(JSON.stringify(ended)).not.toContain("password");
          }
        },
      );
    });

    describe("disconnection", () => {
      test("Disconnect sends the quit message and waits until the server closes the connection", async () => {
        const { port } = await startServer();
        await using services = await IrcPeer.connectServices(port);
        const { connection, received } = await requestConnected(port, { "quit-message": text("good night") });
        received.splice(0);
        await connection.disconnect();
        expect(received).toEqual([["StatusChanged", ConnectionStatus.Disconnected, Reason.Requested]]);
        await services.waitFor(':Tester QUIT :"good night"');
      });

      test("a killed server is ConnectionLost", async () => {
        const server = await startServer();
        const watched = await requestConnected(server.port);
        await server.kill();
        expect(await waitForEnd(watched)).toMatchObject({ reason: Reason.NetworkError, error: "ConnectionLost" });
      });

      test("a server that does not answer a ping is ConnectionLost", async () => {
        const server = await startServer();
        const watched = await requestConnected(server.port, { "keepalive-interval": new Variant("u", 1) });
        server.freeze();
        expect(await waitForEnd(watched)).toEqual({
          reason: Reason.NetworkError,
          error: "ConnectionLost",
          details: { debugMessage: "the server did not answer a ping" },
        });
      });

      test("the message of an operator who kills the user is in the details", async () => {
        const { port } = await startServer();
        const watched = await requestConnected(port);
        await using operator = await IrcPeer.connectOperator(port);
        operator.send("KILL Tester :go away");
        const { reason, details } = await waitForEnd(watched);
        expect(reason).toBe(Reason.NetworkError);
        expect(JSON.stringify(details)).toContain("go away");
      });

      test("a nickname collision is ConnectionReplaced", async () => {
        const { port } = await startServer();
        const watched = await requestConnected(port);
        await using operator = await IrcPeer.connectOperator(port);
        operator.send("KILL Tester :Nick collision");
        expect(await waitForEnd(watched)).toMatchObject({ reason: Reason.NameInUse, error: "ConnectionReplaced" });
      });

      test("Disconnect while connecting does not wait for the server", async () => {
        const server = await startServer();
        server.freeze();
        const { connection, received } = await request(server.port);
        await connection.connect();
        await connection.disconnect();
        expect(received.at(-1)).toEqual(["StatusChanged", ConnectionStatus.Disconnected, Reason.Requested]);
      });
    });
  },
);
