import { type Target, Variant } from "@dbus-codegen-ts/runtime";
import { Contacts } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { ConnectionManager, ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import {
  InvalidArgumentError,
  InvalidHandleError,
  NotAvailableError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { ProtocolClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { gdbusCall, gdbusIntrospect } from "../../../e2e/foreign.ts";
import { describeInterface, readSpec } from "../../../e2e/introspection.ts";
import { ScriptedProtocol } from "../scripted-protocol.ts";
import { startWorld, type World } from "../test-manager.ts";

const { Required, Register, HasDefault, Secret } = ConnMgrParamFlags;
const PARAMETERS = [
  { name: "account", flags: Required | Register, signature: "s", defaultValue: new Variant("s", "") },
  { name: "password", flags: Secret, signature: "s", defaultValue: new Variant("s", "") },
  { name: "port", flags: HasDefault, signature: "q", defaultValue: new Variant("q", 5222) },
  { name: "register", flags: HasDefault, signature: "b", defaultValue: new Variant("b", false) },
];

let world: World;
const scripted = new ScriptedProtocol();

beforeAll(async () => {
  world = await startWorld([loopback, scripted]);
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

describe("what a manager tells about itself", () => {
  test("its protocols, with all of their fixed properties", async () => {
    const protocols = await world.remote.properties.protocols.get();
    expect(Object.keys(protocols)).toEqual(["loopback", "scripted-one"]);
    expect(protocols["scripted-one"]).toEqual({
      interfaces: [],
      parameters: PARAMETERS,
      connectionInterfaces: [Contacts.name],
      requestableChannelClasses: [],
      vCardField: "x-scripted",
      englishName: "Scripted",
      icon: "im-scripted",
      authenticationTypes: [],
    });
    expect(await world.remote.properties.interfaces.get()).toEqual([]);
  });

  test("an object for each protocol says the same, and knows accounts and identifiers without a connection", async () => {
    const path = "/im/telepathy1/ConnectionManager/test/scripted_one";
    const protocol = new ProtocolClient(world.client, { ...world.manager.place, path });
    expect(await protocol.properties.parameters.get()).toEqual(PARAMETERS);
    expect(await protocol.properties.englishName.get()).toBe("Scripted");
    expect(await protocol.identifyAccount({ account: "Bob" })).toBe("Bob");
    await expect(protocol.identifyAccount({})).rejects.toThrow("parameter account is missing");

    const other = new ProtocolClient(world.client, {
      ...world.manager.place,
      path: `${world.manager.place.path}/loopback`,
    });
    expect(await other.identifyAccount({ account: "Bob" })).toBe("bob");
    expect(await other.normalizeContact("CAROL")).toBe("carol");
    await expect(other.normalizeContact("")).rejects.toMatchObject({ errorName: InvalidHandleError.errorName });
  });

  test("programs for earlier versions ask by two methods", async () => {
    const call = (member: string, ...args: string[]) =>
      gdbusCall(
        world.daemon.address,
        world.manager.place.destination,
        world.manager.place.path,
        `im.telepathy1.ConnectionManager.${member}`,
        ...args,
      );
    expect(await call("ListProtocols")).toBe("(['loopback', 'scripted-one'],)");
    expect(await call("GetParameters", "loopback")).toBe("([('account', uint32 1, 's', <''>)],)");
    await expect(call("GetParameters", "nonsense")).rejects.toThrow(NotImplementedError.errorName);
    await expect(call("GetParameters", "not_a_name")).rejects.toThrow(InvalidArgumentError.errorName);
  });

  test("a foreign tool sees the interfaces as the specs have them, and those two methods more", async () => {
    const target = await world.request("loopback", { account: "introspected" });
    const served = async (at: Target, name: string) =>
      describeInterface(await gdbusIntrospect(world.daemon.address, at.destination, at.path), name);
    for (const name of ["im.telepathy1.Connection", Contacts.name]) {
      expect(await served(target, name)).toEqual(describeInterface(readSpec(`specs/telepathy/${name}.xml`), name));
    }
    const spec = describeInterface(readSpec(`specs/telepathy/${ConnectionManager.name}.xml`), ConnectionManager.name);
    const { methods, ...rest } = Object(spec);
    const more = [
      ["GetParameters", [["Protocol", "s", []]], [["Parameters", "a(susv)", []]], []],
      ["ListProtocols", [], [["Protocols", "as", []]], []],
    ];
    expect(await served(world.manager.place, ConnectionManager.name)).toEqual({
      ...rest,
      methods: [...methods, ...more],
    });
  });
});

describe("what a request is refused for", () => {
  test.each([
    ["an unknown protocol", "nosuchproto", { account: "x" }, NotImplementedError],
    ["what cannot be a protocol", "no_such/proto", { account: "x" }, InvalidArgumentError],
    ["a missing parameter", "loopback", {}, InvalidArgumentError],
    ["an empty account", "loopback", { account: "" }, InvalidArgumentError],
    ["a parameter of another protocol", "loopback", { account: "x", port: 1 }, InvalidArgumentError],
    ["a parameter of nobody", "loopback", { account: "x", extra: { x: new Variant("s", "") } }, InvalidArgumentError],
    ["a wrong type", "loopback", { extra: { account: new Variant("u", 7) } }, InvalidArgumentError],
    [
      "a number out of range",
      "scripted-one",
      { account: "x", extra: { port: new Variant("u", 70_000) } },
      InvalidArgumentError,
    ],
  ] as const)("%s", async (_, protocol, parameters, errorClass) => {
    await expect(world.request(protocol, parameters)).rejects.toBeInstanceOf(errorClass);
  });

  test("anything by a manager that leaves", async () => {
    const slow = new ScriptedProtocol({ disconnect: () => new Promise<void>(() => undefined) });
    await using other = await startWorld([slow], { closeTimeout: 50 });
    await other.request(slow.name, { account: "a" });
    const closing = other.manager.close();
    await expect(other.request(slow.name, { account: "b" })).rejects.toBeInstanceOf(NotAvailableError);
    await closing;
  });
});

test("a number of another type is taken where it fits", async () => {
  await world.request("scripted-one", { account: "ported", extra: { port: new Variant("u", 1234) } });
  expect(scripted.last.parameters.number("port")).toBe(1234);
});

test("accounts that look alike do not stand in each other's way", async () => {
  const targets = await Promise.all(
    ["a b", "a_20b", "A b"].map((account) => world.request("scripted-one", { account })),
  );
  expect(new Set(targets.map(({ path }) => path)).size).toBe(3);
});
