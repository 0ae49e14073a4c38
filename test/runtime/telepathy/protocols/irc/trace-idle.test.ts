import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { ConnectionClient, ConnectionStatus } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ConnectionManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { irc, type ServedManager, serveConnectionManager } from "@dbus-codegen-ts/telepathy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PrivateBus, startPrivateBus } from "../../../../setup/private-bus.ts";
import { eventually } from "../../eventually.ts";
import { hasTraces, TRACES, TRACES_NOTE } from "../../traces.ts";
import { freePort, IrcPeer, IrcServer, MISSING } from "./ngircd.ts";

const MANAGER = { destination: "im.telepathy1.ConnectionManager.test", path: "/im/telepathy1/ConnectionManager/test" };
const { Connecting, Disconnected } = ConnectionStatus;

/**
 * Where we say more than was recorded, and why: telepathy-idle took no notice of these answers, and went on waiting until
 * the user gave up. The reason Authentication_Failed is defined for just that.
 */
const DECISIONS: Readonly<Record<string, readonly string[]>> = {
  "464 password incorrect": ["StatusChanged (1, 1)", "StatusChanged (2, 3)"],
  "465 banned": ["StatusChanged (1, 1)", "StatusChanged (2, 3)"],
};

interface Scene extends AsyncDisposable {
  readonly port: number;
  readonly parameters?: { readonly password?: string; readonly ident?: string };
  /** What happens once the status is the last one that was recorded before the end. */
  happens?(): Promise<unknown>;
}

/** The same situations, with a real server. */
const SCENES: Readonly<Record<string, () => Promise<Scene>>> = {
  "normal then 2nd RequestConnection": () => IrcServer.start(),
  "464 password incorrect": async () =>
    scene(await IrcServer.start({ password: "right" }), { parameters: { password: "wrong" } }),
  "433 nick in use while connecting": async () => {
    const server = await IrcServer.start();
    const other = await IrcPeer.enter(server.port, "Tester");
    return scene(server, { other });
  },
  "silent server: stays CONNECTING": async () => {
    const server = await IrcServer.start();
    server.freeze();
    return server;
  },
  "server drops established connection": async () => {
    const server = await IrcServer.start();
    return scene(server, { happens: () => server.kill() });
  },
  "465 banned": async () => {
    const server = await IrcServer.start();
    const other = await IrcPeer.operator(server.port);
    await other.does("KLINE *!*bad@* 100 :go away");
    return scene(server, { other, parameters: { ident: "bad" } });
  },
  "nothing listening": async () => ({ port: await freePort(), [Symbol.asyncDispose]: async () => undefined }),
};

type Extras = Pick<Scene, "parameters" | "happens"> & { readonly other?: IrcPeer };

function scene(server: IrcServer, { other, ...extras }: Extras): Scene {
  const dispose = async (): Promise<void> => {
    await other?.[Symbol.asyncDispose]();
    await server.kill();
  };
  return { port: server.port, ...extras, [Symbol.asyncDispose]: dispose };
}

/** The signals of each situation, as far as this version of the interface has them. */
function recorded(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(TRACES, "org.freedesktop.Telepathy-idle-status-sequences.txt"), "utf8");
  const sections = text.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [title = "", ...lines] = section.split("\n");
      const signals = lines.map((line) => /signal (?!SelfContactChanged)(\w+) (\(.*\))/.exec(line));
      return [title.trim(), signals.flatMap((found) => (found ? [`${found[1]} ${found[2]?.replace(",)", ")")}`] : []))];
    }),
  );
}

const skipped = MISSING !== undefined || !hasTraces;
const note = MISSING === undefined ? TRACES_NOTE : ` (skipped: ${MISSING})`;

describe.skipIf(skipped)(`as telepathy-idle was recorded${note}`, () => {
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

  test("every recorded situation is replayed", () => {
    expect([...recorded().keys()].sort()).toEqual(Object.keys(SCENES).sort());
  });

  test.each(Object.keys(SCENES))("%s", async (title) => {
    await using situation = await (SCENES[title] ?? SCENES["nothing listening"])?.();
    if (situation === undefined) throw new Error(`no scene ${title}`);
    const expected = DECISIONS[title] ?? recorded().get(title) ?? [];
    const extra = {};
    const account = { account: "Tester", server: "127.0.0.1", port: situation.port, ...situation.parameters, extra };
    const [destination, path] = await new ConnectionManagerClient(client, MANAGER).requestConnection("irc", account);
    const connection = new ConnectionClient(client, { destination, path });
    const heard: string[] = [];
    const { signals } = connection;
    await signals.statusChanged.subscribe((status, reason) => heard.push(`StatusChanged (${status}, ${reason})`));
    await signals.selfHandleChanged.subscribe((handle) => heard.push(`SelfHandleChanged (${handle})`));
    const hear = (count: number): Promise<void> => eventually(() => expect(heard.length).toBeGreaterThanOrEqual(count));

    expect(await connection.properties.status.get()).toBe(Disconnected);
    await connection.connect();
    await hear(expected.length - 1);
    if (expected.at(-1) === "StatusChanged (2, 1)") {
      const isConnecting = expected.length === 2;
      if (isConnecting) expect(await connection.properties.status.get()).toBe(Connecting);
      await connection.disconnect();
    } else {
      await situation.happens?.();
    }
    await hear(expected.length);
    expect(heard).toEqual(expected);
    await eventually(() => expect(manager.connections).toBe(0));
    await expect(connection.properties.status.get()).rejects.toMatchObject({
      errorName: "org.freedesktop.DBus.Error.ServiceUnknown",
    });
  });
});
