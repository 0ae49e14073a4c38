import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  AccessDeniedError,
  type AnyService,
  type AuthorizedMember,
  type Bus,
  connect,
  DBusError,
  type Incoming,
  type MaybePromise,
  Variant,
} from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { decodeBody, type Message } from "../../../../runtime/core/wire/message.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { ErrorLog, Jukebox } from "../fixtures/services.ts";
import { Vault } from "../fixtures/vault.ts";

const NAME = "org.example.Services";
const VAULT = "org.example.Vault1";
const PROPERTIES = "org.freedesktop.DBus.Properties";
const MANAGER = "org.freedesktop.DBus.ObjectManager";
const run = promisify(execFile);

let daemon: PrivateBus;
let bus: Bus;
let client: Bus;
let log: ErrorLog;

beforeEach(async () => {
  daemon = await startPrivateBus();
  log = new ErrorLog();
  bus = await connect({ bus: daemon.address, onError: log.hook });
  await bus.requestName(NAME);
  client = await connect({ bus: daemon.address });
});
afterEach(async () => {
  await client?.close();
  await bus?.close();
  await daemon?.stop();
});

const call = (path: string, member: string, args: readonly string[] = [], on = VAULT): Promise<unknown[]> =>
  client.call({ destination: NAME, path, interface: on, member, signature: "s".repeat(args.length), args });
const set = (path: string, property: string, value: Variant): Promise<unknown[]> =>
  client.call({
    destination: NAME,
    path,
    interface: PROPERTIES,
    member: "Set",
    signature: "ssv",
    args: [VAULT, property, value],
  });

/** Signals of one kind as they come: path and arguments. */
async function hear(path: string, on: string, member: string): Promise<readonly unknown[]> {
  const heard: unknown[] = [];
  const onSignal = (signal: Message): void => {
    heard.push([signal.path, ...decodeBody(signal, bodyCodec(signal.signature))]);
  };
  await client.listen({ sender: NAME, path, interface: on, member, onSignal });
  return heard;
}

const plain = (entries: object): object => Object.assign(Object.create(null), entries);

describe("credentials of a caller", () => {
  test("are those of its process, asked for once and forgotten when it leaves", async () => {
    const vault = new Vault();
    const seen: unknown[] = [];
    const kept: Incoming[] = [];
    vault.act = async (_method, _argument, incoming) => {
      kept.push(incoming);
      seen.push(await incoming.credentials());
      return "done";
    };
    await bus.serve("/vault", vault);
    const before = bus.counters.calls;
    await call("/vault", "Look");
    await call("/vault", "Look");
    // AddMatch and GetConnectionCredentials, once.
    expect(bus.counters.calls - before).toBe(2);
    expect(seen[0]).toMatchObject({ uid: process.getuid?.(), pid: process.pid });
    expect(seen[1]).toBe(seen[0]);
    await client.close();
    await expect.poll(() => kept[0]?.credentials().catch((error: unknown) => error)).toBeInstanceOf(DBusError);
  });

  test("tell when it leaves the bus", async () => {
    const vault = new Vault();
    let signal: AbortSignal | undefined;
    vault.act = (_method, _argument, incoming) => {
      signal = incoming.signal;
      return new Promise((resolve) => incoming.signal.addEventListener("abort", resolve));
    };
    await bus.serve("/vault", vault);
    const waiting = call("/vault", "Look").catch((error: unknown) => error);
    await expect.poll(() => signal?.aborted).toBe(false);
    await client.close();
    await waiting;
    await expect.poll(() => signal?.aborted).toBe(true);
    expect(signal?.reason).toBeInstanceOf(DBusError);
  });

  test("tell at once when it had left before anybody asked", async () => {
    const vault = new Vault();
    const kept: Incoming[] = [];
    vault.act = (_method, _argument, incoming) => void kept.push(incoming);
    await bus.serve("/vault", vault);
    const gone = await RawPeer.connect(daemon.address);
    gone.send({ destination: NAME, path: "/vault", interface: VAULT, member: "Look", flags: 1 });
    await gone.settled(NAME);
    await gone[Symbol.asyncDispose]();
    await expect.poll(() => kept[0]?.signal.aborted).toBe(true);
  });
});

describe("authorization", () => {
  test("refuses privileged members where nothing else is said", async () => {
    const vault = new Vault();
    await bus.serve("/vault", vault);
    await expect(call("/vault", "Open", ["key"])).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(set("/vault", "Code", new Variant("u", 2))).rejects.toBeInstanceOf(AccessDeniedError);
    expect(await call("/vault", "Look")).toEqual(["look"]);
    await set("/vault", "Label", new Variant("s", "yours"));
    expect(vault.calls).toEqual(["look"]);
    expect(vault.properties).toMatchObject({ label: "yours", code: 1 });
  });

  test("asks the service about each method and each property to set", async () => {
    const asked: AuthorizedMember[] = [];
    class Guarded extends Vault {
      protected override async $authorize(member: AuthorizedMember, incoming: Incoming): Promise<void> {
        asked.push(member);
        const { uid } = await incoming.credentials();
        if (uid !== process.getuid?.() || member.name === "Look")
          throw new DBusError("org.example.Error.No", "not you");
      }
    }
    const vault = new Guarded();
    await bus.serve("/vault", vault);
    expect(await call("/vault", "Open", ["key"])).toEqual(["open"]);
    await expect(call("/vault", "Look")).rejects.toMatchObject({ errorName: "org.example.Error.No" });
    await set("/vault", "Code", new Variant("u", 2));
    await call("/vault", "GetAll", [VAULT], PROPERTIES);
    expect(vault.calls).toEqual(["open"]);
    expect(vault.properties.code).toBe(2);
    expect(asked).toEqual([
      { kind: "method", key: "open", name: "Open", privileged: true },
      { kind: "method", key: "look", name: "Look", privileged: false },
      { kind: "property", key: "code", name: "Code", privileged: true },
    ]);
  });

  test("that has a bug refuses without its text", async () => {
    class Broken extends Vault {
      protected override $authorize(): MaybePromise<void> {
        throw new Error("secret");
      }
    }
    const vault = new Broken();
    await bus.serve("/vault", vault);
    await expect(call("/vault", "Look")).rejects.toMatchObject({ message: "Look failed" });
    expect(vault.calls).toEqual([]);
    expect(log.entries).toHaveLength(1);
  });
});

test("what a handler changes, of any service, is announced before its reply", async () => {
  const [vault, other] = [new Vault(), new Vault("other")];
  vault.act = () => {
    other.properties.label = "changed";
    other.properties.code = 2;
    vault.properties.code = 3;
    return "done";
  };
  await bus.serve("/vault", vault);
  await bus.serve("/other", other);
  const heardAtReply: unknown[] = [];
  const heard = [
    await hear("/vault", PROPERTIES, "PropertiesChanged"),
    await hear("/other", PROPERTIES, "PropertiesChanged"),
  ];
  const request = { destination: NAME, path: "/vault", interface: VAULT, member: "Look" };
  await client.request({ ...request, codec: bodyCodec(""), args: [] }, {}, () => heardAtReply.push(...heard.flat()));
  expect(heardAtReply).toEqual([
    ["/vault", VAULT, plain({ Code: new Variant("u", 3) }), []],
    ["/other", VAULT, plain({ Label: new Variant("s", "changed"), Code: new Variant("u", 2) }), []],
  ]);
});

test("signals to one receiver reach it alone, after the changes made before", async () => {
  const vault = new Vault();
  await bus.serve("/vault", vault);
  await using one = await RawPeer.connect(daemon.address);
  const others = await hear("/vault", VAULT, "Opened");
  vault.properties.label = "before";
  vault.signalsTo(one.uniqueName).opened("for you");
  vault.signals.opened("for all");
  await one.settled(NAME);
  await expect.poll(() => others).toEqual([["/vault", "for all"]]);
  expect(one.received.map(described)).toEqual([["for you"]]);
  expect(() => vault.signalsTo("not a name")).toThrow("destination: expected a bus name");
});

describe("an object manager", () => {
  test("tells of all objects below, and of those that come and go", async () => {
    await bus.serve("/org/example", new Vault("root"));
    const manager = await bus.serveObjectManager("/org/example");
    await bus.serve("/org/example/a", new Vault("a"), new Jukebox());
    await bus.serve("/org/other", new Vault("other"));
    // What was announced so far has passed the bus before it knows who listens.
    await call("/org/example", "Look");
    const added = await hear("/org/example", MANAGER, "InterfacesAdded");
    const removed = await hear("/org/example", MANAGER, "InterfacesRemoved");
    const deep = await bus.serve("/org/example/a/b", new Vault("b"));
    const vault = (label: string): object =>
      plain({
        Label: new Variant("s", label),
        Code: new Variant("u", 1),
        Made: new Variant("s", "of steel"),
      });
    const jukebox = plain({ Volume: new Variant("d", 0.5), Repeat: new Variant("u", 0) });
    expect(await call("/org/example", "GetManagedObjects", [], MANAGER)).toEqual([
      new Map([
        ["/org/example/a", plain({ [VAULT]: vault("a"), "org.example.Jukebox1": jukebox })],
        ["/org/example/a/b", plain({ [VAULT]: vault("b") })],
      ]),
    ]);
    expect(added).toEqual([["/org/example", "/org/example/a/b", plain({ [VAULT]: vault("b") })]]);
    await deep.close();
    await deep.close();
    expect(await call("/org/example", "GetManagedObjects", [], MANAGER)).toEqual([
      new Map([["/org/example/a", plain({ [VAULT]: vault("a"), "org.example.Jukebox1": jukebox })]]),
    ]);
    expect(removed).toEqual([["/org/example", "/org/example/a/b", [VAULT]]]);
    await expect(bus.serveObjectManager("/org/example")).rejects.toThrow("already has an object manager");
    await manager.close();
    await expect(call("/org/example", "GetManagedObjects", [], MANAGER)).rejects.toMatchObject({
      errorName: "org.freedesktop.DBus.Error.UnknownInterface",
    });
  });

  test("is understood by gdbus and busctl", async () => {
    await bus.serveObjectManager("/org/example");
    await bus.serve("/org/example/a", new Jukebox());
    const at = ["--address", daemon.address, "--dest", NAME, "--object-path", "/org/example"];
    const { stdout } = await run("gdbus", ["call", ...at, "--method", `${MANAGER}.GetManagedObjects`]);
    expect(stdout.trim()).toBe(
      "({objectpath '/org/example/a': {'org.example.Jukebox1': {'Volume': <0.5>, 'Repeat': <uint32 0>}}},)",
    );
    const introspection = await run("gdbus", ["introspect", ...at, "--xml"]);
    expect(introspection.stdout).toContain(`<interface name="${MANAGER}">`);
    expect(introspection.stdout).toContain('<node name="a"/>');
    const tree = await run("busctl", [`--address=${daemon.address}`, "tree", "--list", NAME]);
    expect(tree.stdout.trim()).toBe("/\n/org\n/org/example\n/org/example/a");
  });
});

describe("a subtree", () => {
  test("serves objects that are found when they are called", async () => {
    const vaults = new Map<string, Vault>();
    const asked: string[] = [];
    const find = (relative: string): readonly AnyService[] | undefined => {
      asked.push(relative);
      if (!/^[0-9]{1,5}$/.test(relative)) return undefined;
      const vault = vaults.get(relative) ?? new Vault(relative);
      vaults.set(relative, vault);
      return [vault];
    };
    const subtree = await bus.serveSubtree("/many", find);
    expect(await call("/many/7", "Get", [VAULT, "Label"], PROPERTIES)).toEqual([new Variant("s", "7")]);
    await set("/many/99999", "Label", new Variant("s", "changed"));
    expect(vaults.get("99999")?.properties.label).toBe("changed");
    const unknown = { errorName: "org.freedesktop.DBus.Error.UnknownObject" };
    await expect(call("/many/none", "Look")).rejects.toMatchObject(unknown);
    await expect(call("/many/1/2", "Look")).rejects.toMatchObject(unknown);
    expect(asked).toEqual(["7", "99999", "none", "1/2"]);
    await bus.serve("/many/7/served", new Vault("served"));
    await bus.serve("/many/8", new Vault("served"));
    expect(await call("/many/8", "Get", [VAULT, "Label"], PROPERTIES)).toEqual([new Variant("s", "served")]);
    expect(await call("/many/7", "Get", [VAULT, "Label"], PROPERTIES)).toEqual([new Variant("s", "7")]);
    await subtree.close();
    await expect(call("/many/99999", "Look")).rejects.toMatchObject(unknown);
    expect(await call("/many/8", "Look")).toEqual(["look"]);
  });

  test("lets what it found announce where it was found, until it is closed", async () => {
    const vault = new Vault();
    const subtree = await bus.serveSubtree("/many", (relative) => (relative === "a" ? [vault] : undefined));
    const opened = await hear("/many/a", VAULT, "Opened");
    const changed = await hear("/many/a", PROPERTIES, "PropertiesChanged");
    vault.signals.opened("unheard");
    subtree.bind("a", vault);
    vault.signals.opened("bound");
    await call("/many/a", "Look");
    await call("/many/a", "Look");
    vault.signals.opened("found");
    vault.properties.label = "new";
    await call("/many/a", "Look");
    expect(opened).toEqual([
      ["/many/a", "bound"],
      ["/many/a", "found"],
    ]);
    expect(changed).toEqual([["/many/a", VAULT, plain({ Label: new Variant("s", "new") }), []]]);
    await subtree.close();
    vault.signals.opened("closed");
    await client.call({ destination: NAME, path: "/", interface: "org.freedesktop.DBus.Peer", member: "Ping" });
    expect(opened).toHaveLength(2);
  });

  test("lists its nodes where it can", async () => {
    const children = (relative: string): readonly string[] => (relative === "" ? ["b", "a"] : []);
    const find = (relative: string) => (relative.length === 1 ? [new Vault()] : undefined);
    await bus.serveSubtree("/many", find, { children });
    await bus.serve("/many/c", new Vault());
    const { stdout } = await run("busctl", [`--address=${daemon.address}`, "tree", "--list", NAME]);
    expect(stdout.trim()).toBe("/\n/many\n/many/a\n/many/b\n/many/c");
  });

  test("may be everything there is", async () => {
    const asked: string[] = [];
    const vault = new Vault("found");
    await using _ = await bus.serveSubtree("/", (relative) => {
      asked.push(relative);
      return relative === "a/b" ? [vault] : undefined;
    });
    expect(await call("/a/b", "Get", [VAULT, "Label"], PROPERTIES)).toEqual([new Variant("s", "found")]);
    const changed = await hear("/a/b", PROPERTIES, "PropertiesChanged");
    vault.properties.label = "new";
    await call("/a/b", "Look");
    expect([changed.length, new Set(asked)]).toEqual([1, new Set(["a/b"])]);
  });

  test("answers for bugs of the application's functions with Failed", async () => {
    const find = (): never => {
      throw new Error("secret");
    };
    await bus.serveSubtree("/broken", find);
    await expect(call("/broken/a", "Look")).rejects.toMatchObject({ message: "Look failed" });
    await bus.serveSubtree("/wrong", () => undefined, { children: () => ["a b"] });
    await expect(call("/wrong", "Introspect", [], "org.freedesktop.DBus.Introspectable")).rejects.toMatchObject({
      message: "Introspect failed",
    });
    expect(log.entries).toHaveLength(2);
    await expect(bus.serveSubtree("/wrong", () => undefined)).rejects.toThrow("already has a subtree");
  });
});
