import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { ConnectionClient, ConnectionStatus } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ConnectionManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { irc, type ServedManager, serveConnectionManager } from "@dbus-codegen-ts/telepathy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PrivateBus, startPrivateBus } from "../../../../setup/private-bus.ts";
import { eventually } from "../../eventually.ts";
import { TRACES } from "../../traces.ts";
import { freePort, IrcPeer, IrcServer, MISSING_PROGRAM } from "./ngircd.ts";

const MANAGER = { destination: "im.telepathy1.ConnectionManager.test", path: "/im/telepathy1/ConnectionManager/test" };
const { Connecting, Disconnected } = ConnectionStatus;

/**
 * Expected signals in situations where telepathy-idle waits and the specification requires the reason
 * AuthenticationFailed.
 */
const DECISIONS: Readonly<Record<string, readonly string[]>> = {
  "464 password incorrect": ["StatusChanged (1, 1)", "StatusChanged (2, 3)"],
  "465 banned": ["StatusChanged (1, 1)", "StatusChanged (2, 3)"],
};

interface Situation extends AsyncDisposable {
  readonly port: number;
  readonly parameters?: { readonly password?: string; readonly ident?: string };
  /** Action that ends the connection, after the other recorded signals. */
  act?(): Promise<unknown>;
}

/** Function that reproduces each recorded situation with a real server. */
const SITUATIONS: Readonly<Record<string, () => Promise<Situation>>> = {
  "normal then 2nd RequestConnection": () => IrcServer.start(),
  "464 password incorrect": async () =>
    situationOf(await IrcServer.start({ password: "right" }), { parameters: { password: "wrong" } }),
  "433 nick in use while connecting": async () => {
    const server = await IrcServer.start();
    const other = await IrcPeer.connectUser(server.port, "Tester");
    return situationOf(server, { other });
  },
  "silent server: stays CONNECTING": async () => {
    const server = await IrcServer.start();
    server.freeze();
    return server;
  },
  "server drops established connection": async () => {
    const server = await IrcServer.start();
    return situationOf(server, { act: () => server.kill() });
  },
  "465 banned": async () => {
    const server = await IrcServer.start();
    const other = await IrcPeer.connectOperator(server.port);
    await other.sendAndWait("KLINE *!*bad@* 100 :go away");
    return situationOf(server, { other, parameters: { ident: "bad" } });
  },
  "nothing listening": async () => ({ port: await freePort(), [Symbol.asyncDispose]: async () => undefined }),
};

type SituationOptions = Pick<Situation, "parameters" | "act"> & { readonly other?: IrcPeer };

function situationOf(server: IrcServer, { other, ...extras }: SituationOptions): Situation {
  const dispose = async (): Promise<void> => {
    await other?.[Symbol.asyncDispose]();
    await server.kill();
  };
  return { port: server.port, ...extras, [Symbol.asyncDispose]: dispose };
}

/** Returns the recorded signals of each situation, as far as this version of the interface has them. */
function readRecording(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(TRACES, "org.freedesktop.Telepathy-idle-status-sequences.txt"), "utf8");
  const sections = text.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [title = "", ...lines] = section.split("\n");
      const signals = lines.map((line) => /signal (?!SelfContactChanged)(\w+) (\(.*\))/.exec(line));
      return [title.trim(), signals.flatMap((match) => (match ? [`${match[1]} ${match[2]?.replace(",)", ")")}`] : []))];
    }),
  );
}

const note = MISSING_PROGRAM === undefined ? "" : ` (skipped: ${MISSING_PROGRAM})`;

describe.skipIf(MISSING_PROGRAM !== undefined)(`signals are those of telepathy-idle${note}`, () => {
  let daemon: PrivateBus;
  let service: Bus;
  let client: Bus;
  let manager: ServedManager;

  beforeAll(async () => {
    daemon = await startPrivateBus();
    service = await connect({ bus: daemon.address });
    client = await connect({ bus: daemon.address });
    manager = await serveConnectionManager(service, { name: "test", protocols: [irc] });
  });
  afterAll(async () => {
    await manager.close();
    await client.close();
    await service.close();
    await daemon.stop();
  });

  test("every recorded situation is reproduced", () => {
    expect([...readRecording().keys()].sort()).toEqual(Object.keys(SITUATIONS).sort());
  });

  test.each(Object.keys(SITUATIONS))("%s", async (title) => {
    await using situation = await (SITUATIONS[title] ?? SITUATIONS["nothing listening"])?.();
    if (situation === undefined) throw new Error(`no situation ${title}`);
    const expected = DECISIONS[title] ?? readRecording().get(title) ?? [];
    const extra = {};
    const account = { account: "Tester", server: "127.0.0.1", port: situation.port, ...situation.parameters, extra };
    const [destination, path] = await new ConnectionManagerClient(client, MANAGER).requestConnection("irc", account);
    const connection = new ConnectionClient(client, { destination, path });
    const received: string[] = [];
    const { signals } = connection;
    await signals.statusChanged.subscribe((status, reason) => received.push(`StatusChanged (${status}, ${reason})`));
    await signals.selfHandleChanged.subscribe((handle) => received.push(`SelfHandleChanged (${handle})`));
    const waitForSignals = (count: number): Promise<void> =>
      eventually(() => expect(received.length).toBeGreaterThanOrEqual(count));

    expect(await connection.properties.status.get()).toBe(Disconnected);
    await connection.connect();
    await waitForSignals(expected.length - 1);
    if (expected.at(-1) === "StatusChanged (2, 1)") {
      const isConnecting = expected.length === 2;
      if (isConnecting) expect(await connection.properties.status.get()).toBe(Connecting);
      await connection.disconnect();
    } else {
      await situation.act?.();
    }
    await waitForSignals(expected.length);
    expect(received).toEqual(expected);
    await eventually(() => expect(manager.connectionCount).toBe(0));
    await expect(connection.properties.status.get()).rejects.toMatchObject({
      errorName: "org.freedesktop.DBus.Error.ServiceUnknown",
    });
  });
});
