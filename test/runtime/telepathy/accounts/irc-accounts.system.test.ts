import { once } from "node:events";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType } from "@dbus-codegen-ts/stubs/generic-types";
import { AccountClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { AccountManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import { ConnectionStatus } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  irc,
  MemoryStore,
  type ServedAccountManager,
  type ServedManager,
  serveAccountManager,
  serveConnectionManager,
} from "@dbus-codegen-ts/telepathy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { eventually } from "../eventually.ts";
import { IrcPeer, IrcServer, MISSING_PROGRAM } from "../protocols/irc/ngircd.ts";

const MANAGER = { destination: "im.telepathy1.AccountManager", path: "/im/telepathy1/AccountManager" };
const requestedPresence = { type: ConnectionPresenceType.Available, status: "available", statusMessage: "" };

/** TCP proxy to a server. It can drop connections of clients without closing the connections to the server. */
class LossyProxy implements AsyncDisposable {
  readonly #server = createServer();
  /** Sockets to the server, by the client's socket. */
  readonly #pairs = new Map<Socket, Socket>();
  readonly #lost: Socket[] = [];

  static async start(port: number): Promise<LossyProxy> {
    const proxy = new LossyProxy(port);
    await once(proxy.#server.listen(0, "127.0.0.1"), "listening");
    return proxy;
  }

  private constructor(port: number) {
    this.#server.on("connection", (client) => {
      const upstream = connectSocket(port, "127.0.0.1");
      this.#pairs.set(client, upstream);
      client.on("data", (bytes) => upstream.write(bytes));
      upstream.on("data", (bytes) => client.write(bytes));
      upstream.on("close", () => client.destroy());
      for (const socket of [client, upstream]) socket.on("error", () => undefined);
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Closes the sockets of all clients and keeps the sockets to the server open. */
  lose(): void {
    for (const [client, upstream] of this.#pairs) {
      this.#lost.push(upstream);
      client.destroy();
    }
    this.#pairs.clear();
  }

  /** Closes the sockets to the server that `lose` kept open. */
  endLost(): void {
    for (const upstream of this.#lost) upstream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.lose();
    this.endLost();
    this.#server.close();
    await once(this.#server, "close");
  }
}

describe.skipIf(MISSING_PROGRAM !== undefined)(
  `an account on ngIRCd${MISSING_PROGRAM === undefined ? "" : ` (skipped: ${MISSING_PROGRAM})`}`,
  () => {
    let daemon: PrivateBus;
    let service: Bus;
    let client: Bus;
    let manager: ServedManager;
    let accounts: ServedAccountManager;

    beforeAll(async () => {
      daemon = await startPrivateBus();
      service = await connect({ bus: daemon.address });
      client = await connect({ bus: daemon.address });
      manager = await serveConnectionManager(service, { name: "test", protocols: [irc] });
      accounts = await serveAccountManager(service, {
        store: new MemoryStore(),
        retry: { minDelay: 50, maxDelay: 100 },
      });
    });
    afterAll(async () => {
      await accounts.close();
      await manager.close();
      await client.close();
      await service.close();
      await daemon.stop();
    });

    async function create(port: number, nick: string): Promise<AccountClient> {
      const parameters = { account: nick, port, extra: { server: new Variant("s", "127.0.0.1") } };
      const properties = { enabled: true, requestedPresence };
      const remote = new AccountManagerClient(client, MANAGER);
      const path = await remote.createAccount("test", "irc", nick, parameters, properties);
      return new AccountClient(client, { destination: MANAGER.destination, path });
    }

    const waitForStatus = (account: AccountClient, status: ConnectionStatus): Promise<void> =>
      eventually(async () => expect(await account.properties.connectionStatus.get()).toBe(status));

    test("connects, and reconnects when the server is restarted", async () => {
      const server = await IrcServer.start();
      const account = await create(server.port, "Tester");
      await waitForStatus(account, ConnectionStatus.Connected);
      await eventually(async () => expect(await account.properties.normalizedName.get()).toBe("tester"));
      await server.kill();
      await eventually(async () => expect(await account.properties.connection.get()).toBe("/"));
      const { connectionError } = account.properties;
      await eventually(async () => expect(await connectionError.get()).toBe("im.telepathy1.Error.ConnectionRefused"));
      await using _ = await IrcServer.start({ port: server.port });
      await waitForStatus(account, ConnectionStatus.Connected);
      expect(await connectionError.get()).toBe("");
      await account.remove();
    });

    test("retries a nickname that is in use after a connection loss, until the server notices the loss", async () => {
      await using server = await IrcServer.start();
      await using proxy = await LossyProxy.start(server.port);
      const account = await create(proxy.port, "Ghost");
      await waitForStatus(account, ConnectionStatus.Connected);
      const errors: unknown[] = [];
      await account.signals.accountPropertyChanged.subscribe(({ connectionError }) => errors.push(connectionError));
      proxy.lose();
      await eventually(async () => expect(errors).toContain("im.telepathy1.Error.AlreadyConnected"));
      proxy.endLost();
      await waitForStatus(account, ConnectionStatus.Connected);
      expect(errors).toContain("im.telepathy1.Error.ConnectionLost");
      await account.remove();
    });

    test("does not retry if its nickname is in use", async () => {
      await using server = await IrcServer.start();
      await using _ = await IrcPeer.connectUser(server.port, "Taken");
      const account = await create(server.port, "Taken");
      await waitForStatus(account, ConnectionStatus.Disconnected);
      expect(await account.properties.connectionError.get()).toBe("im.telepathy1.Error.AlreadyConnected");
      expect(await account.properties.connectionErrorDetails.get()).toEqual({
        debugMessage: "Nickname already in use",
        serverMessage: "Nickname already in use",
      });
      await account.remove();
    });
  },
);
