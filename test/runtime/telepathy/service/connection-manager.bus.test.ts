import { type Target, Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Contacts } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { Requests } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
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
import { startTestManager, type TestSetup, until } from "../test-manager.ts";

const { Required, Register, HasDefault, Secret } = ConnMgrParamFlags;
const PARAMETERS = [
  { name: "account", flags: Required | Register, signature: "s", defaultValue: new Variant("s", "") },
  { name: "password", flags: Secret, signature: "s", defaultValue: new Variant("s", "") },
  { name: "port", flags: HasDefault, signature: "q", defaultValue: new Variant("q", 5222) },
  { name: "register", flags: HasDefault, signature: "b", defaultValue: new Variant("b", false) },
];

let setup: TestSetup;
const scripted = new ScriptedProtocol();

beforeAll(async () => {
  setup = await startTestManager([loopback, scripted]);
});
afterAll(async () => {
  await setup?.[Symbol.asyncDispose]();
});

describe("properties of a manager", () => {
  test("Protocols contains all immutable properties of each protocol", async () => {
    const protocols = await setup.remote.properties.protocols.get();
    expect(Object.keys(protocols)).toEqual(["loopback", "scripted-one"]);
    expect(protocols["scripted-one"]).toEqual({
      interfaces: [],
      parameters: PARAMETERS,
      connectionInterfaces: [Requests.name, Contacts.name],
      requestableChannelClasses: [],
      vCardField: "x-scripted",
      englishName: "Scripted",
      icon: "im-scripted",
      authenticationTypes: [],
    });
    expect(await setup.remote.properties.interfaces.get()).toEqual([]);
  });

  test("Protocol objects have the same properties, and identify accounts and normalise contacts", async () => {
    const path = "/im/telepathy1/ConnectionManager/test/scripted_one";
    const protocol = new ProtocolClient(setup.client, { ...setup.manager.target, path });
    expect(await protocol.properties.parameters.get()).toEqual(PARAMETERS);
    expect(await protocol.properties.englishName.get()).toBe("Scripted");
    expect(await protocol.identifyAccount({ account: "Bob" })).toBe("Bob");
    await expect(protocol.identifyAccount({})).rejects.toThrow("parameter account is missing");

    const other = new ProtocolClient(setup.client, {
      ...setup.manager.target,
      path: `${setup.manager.target.path}/loopback`,
    });
    expect(await other.identifyAccount({ account: "Bob" })).toBe("bob");
    expect(await other.normalizeContact("CAROL")).toBe("carol");
    await expect(other.normalizeContact("")).rejects.toMatchObject({ errorName: InvalidHandleError.errorName });
  });

  test("ListProtocols and GetParameters of earlier versions are served", async () => {
    const call = (member: string, ...args: string[]) =>
      gdbusCall(
        setup.daemon.address,
        setup.manager.target.destination,
        setup.manager.target.path,
        `im.telepathy1.ConnectionManager.${member}`,
        ...args,
      );
    expect(await call("ListProtocols")).toBe("(['loopback', 'scripted-one'],)");
    expect(await call("GetParameters", "loopback")).toBe("([('account', uint32 1, 's', <''>)],)");
    await expect(call("GetParameters", "nonsense")).rejects.toThrow(NotImplementedError.errorName);
    await expect(call("GetParameters", "not_a_name")).rejects.toThrow(InvalidArgumentError.errorName);
  });

  test("introspection data contains the interfaces of the specs, and the two methods of earlier versions", async () => {
    const target = await setup.request("loopback", { account: "introspected" });
    const served = async (at: Target, name: string) =>
      describeInterface(await gdbusIntrospect(setup.daemon.address, at.destination, at.path), name);
    for (const name of ["im.telepathy1.Connection", Requests.name, Contacts.name]) {
      expect(await served(target, name)).toEqual(describeInterface(readSpec(`specs/telepathy/${name}.xml`), name));
    }
    const spec = describeInterface(readSpec(`specs/telepathy/${ConnectionManager.name}.xml`), ConnectionManager.name);
    const { methods, ...rest } = Object(spec);
    const legacyMethods = [
      ["GetParameters", [["Protocol", "s", []]], [["Parameters", "a(susv)", []]], []],
      ["ListProtocols", [], [["Protocols", "as", []]], []],
    ];
    expect(await served(setup.manager.target, ConnectionManager.name)).toEqual({
      ...rest,
      methods: [...methods, ...legacyMethods],
    });
  });
});

describe("RequestConnection refuses", () => {
  test.each([
    ["an unknown protocol", "nosuchproto", { account: "x" }, NotImplementedError],
    ["an invalid protocol name", "no_such/proto", { account: "x" }, InvalidArgumentError],
    ["a missing parameter", "loopback", {}, InvalidArgumentError],
    ["an empty account", "loopback", { account: "" }, InvalidArgumentError],
    ["a parameter of another protocol", "loopback", { account: "x", port: 1 }, InvalidArgumentError],
    ["an unknown parameter", "loopback", { account: "x", extra: { x: new Variant("s", "") } }, InvalidArgumentError],
    ["a wrong type", "loopback", { extra: { account: new Variant("u", 7) } }, InvalidArgumentError],
    [
      "a number out of range",
      "scripted-one",
      { account: "x", extra: { port: new Variant("u", 70_000) } },
      InvalidArgumentError,
    ],
  ] as const)("%s", async (_, protocol, parameters, errorClass) => {
    await expect(setup.request(protocol, parameters)).rejects.toBeInstanceOf(errorClass);
  });

  test("all requests while the manager closes", async () => {
    const slow = new ScriptedProtocol({ disconnect: () => new Promise<void>(() => undefined) });
    await using other = await startTestManager([slow], { closeTimeout: 50 });
    await other.request(slow.name, { account: "a" });
    const closing = other.manager.close();
    await expect(other.request(slow.name, { account: "b" })).rejects.toBeInstanceOf(NotAvailableError);
    await closing;
  });
});

test("a number is accepted in another integer type if it is in range", async () => {
  await setup.request("scripted-one", { account: "ported", extra: { port: new Variant("u", 1234) } });
  expect(scripted.last.parameters.getNumber("port")).toBe(1234);
});

test("a second connection of an account has a number, if the protocol permits it", async () => {
  const several = Object.assign(new ScriptedProtocol(), { permitsSeveralConnections: true });
  await using other = await startTestManager([several]);
  const request = () => other.request(several.name, { account: "me" });
  const targets = [await request(), await request(), await request()];
  const path = "/im/telepathy1/Connection/test/scripted_one/me";
  expect(targets.map((target) => target.path)).toEqual([path, `${path}_n2`, `${path}_n3`]);
  await new ConnectionClient(other.client, { destination: "", path, ...targets[1] }).disconnect();
  expect((await request()).path).toBe(`${path}_n2`);
});

test("a request waits until a connection of the account that is being disconnected has left the bus", async () => {
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const slow = new ScriptedProtocol({ disconnect: () => finished });
  await using other = await startTestManager([slow]);
  const target = await other.request(slow.name, { account: "me" });
  const events: string[] = [];
  const disconnected = new ConnectionClient(other.client, target).disconnect().then(() => events.push("disconnected"));
  await until("disconnecting", () => slow.last.log.includes("disconnect"));
  const requested = other.request(slow.name, { account: "me" }).then((next) => events.push(next.path));
  await other.remote.properties.protocols.get();
  expect(events).toEqual([]);
  finish();
  await Promise.all([disconnected, requested]);
  expect(events.toSorted()).toEqual([target.path, "disconnected"]);
});

test("accounts whose escaped names are similar have different connections", async () => {
  const targets = await Promise.all(
    ["a b", "a_20b", "A b"].map((account) => setup.request("scripted-one", { account })),
  );
  expect(new Set(targets.map(({ path }) => path)).size).toBe(3);
});
