import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { type InterfaceContract, Service, Variant } from "../../../../runtime/core/index.ts";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import { described } from "../fixtures/raw-peer.ts";
import { NAME, PATH, PROPERTIES, startVault, VAULT } from "../fixtures/service-bus.ts";
import { Jukebox } from "../fixtures/services.ts";

const run = promisify(execFile);

const Twin1 = {
  version: 2,
  name: "org.example.Twin1",
  methods: { look: { name: "Look", in: [], out: [] } },
  signals: {},
  properties: {},
} as const satisfies InterfaceContract;

/** A service that has a method with the same name as a method of the vault. */
class Twin extends Service<typeof Twin1, object, object> {
  constructor() {
    super(Twin1, {});
  }
  look(): void {}
}

test("arguments of other types than declared are refused with both signatures [S01]", async () => {
  const { daemon, vault, replies } = await startVault();
  expect(await replies("Open", "u", [1])).toEqual([`InvalidArgs: ${VAULT}.Open takes "s", got "u"`]);
  expect(await replies("Open")).toEqual([`InvalidArgs: ${VAULT}.Open takes "s", got ""`]);
  expect(await replies("Open", "ss", ["a", "b"])).toEqual([`InvalidArgs: ${VAULT}.Open takes "s", got "ss"`]);
  expect(await replies("Look", "v", [new Variant("s", "x")])).toEqual([`InvalidArgs: ${VAULT}.Look takes "", got "v"`]);
  const busctl = run("busctl", [`--address=${daemon.address}`, "call", NAME, PATH, VAULT, "Open", "u", "1"]);
  await expect(busctl).rejects.toMatchObject({ stderr: expect.stringContaining('takes "s", got "u"') });
  expect(vault.calls).toEqual([]);
});

test("an unknown object, interface or method is refused; a call without an interface finds the only method of its name [S02]", async () => {
  const { bus, raw, replies } = await startVault();
  expect(await replies("Burn")).toEqual([`UnknownMethod: ${VAULT} has no method Burn`]);
  expect(await replies("Look", "", [], { interface: "org.example.Other" })).toEqual([
    `UnknownInterface: ${PATH} has no interface org.example.Other`,
  ]);
  expect(await replies("Look", "", [], { path: "/org/example/vaul" })).toEqual([
    "UnknownObject: there is no object at /org/example/vaul",
  ]);
  expect(await replies("Look", "", [], { path: "/org" })).toEqual([`UnknownInterface: /org has no interface ${VAULT}`]);
  const anonymous = async (member: string) =>
    (await raw.exchange({ destination: NAME, path: PATH, member })).map(described);
  expect(await anonymous("Look")).toEqual([["look"]]);
  expect(await anonymous("Burn")).toEqual([`UnknownMethod: ${PATH} has no method Burn`]);
  await bus.serve(PATH, new Twin());
  expect(await anonymous("Look")).toEqual([
    `UnknownMethod: several interfaces of ${PATH} have a method Look: name one`,
  ]);
  expect(await anonymous("Path")).toEqual(['InvalidArgs: org.example.Vault1.Path takes "s", got ""']);
});

test("signals and replies that are sent to a service have no effect [S45]", async () => {
  const { bus, vault, raw } = await startVault();
  const to = { destination: NAME, path: PATH, interface: VAULT };
  raw.send({ ...to, type: MessageType.Signal, flags: 1, member: "Look" });
  raw.send({ ...to, type: MessageType.Signal, flags: 1, member: "Open" }, "s", ["key"]);
  raw.send({ ...to, type: MessageType.Signal, flags: 0, interface: PROPERTIES, member: "Set" }, "ssv", [
    VAULT,
    "Label",
    new Variant("s", "theirs"),
  ]);
  for (let serial = 1; serial < 20; serial++) {
    raw.send({ destination: bus.uniqueName, type: MessageType.MethodReturn, flags: 1, replySerial: serial });
    const errorName = "org.example.Error";
    raw.send({ destination: bus.uniqueName, type: MessageType.Error, flags: 1, replySerial: serial, errorName });
  }
  await raw.settled(NAME);
  expect(raw.received).toEqual([]);
  expect(vault.calls).toEqual([]);
  expect(vault.properties.label).toBe("mine");
});

test("an object whose second interface is closed still has the first [S46]", async () => {
  const { bus, replies } = await startVault();
  const jukebox = await bus.serve(PATH, new Jukebox());
  expect(await replies("Stop", "", [], { interface: "org.example.Jukebox1" })).toEqual([[]]);
  await jukebox.close();
  expect(await replies("Stop", "", [], { interface: "org.example.Jukebox1" })).toEqual([
    `UnknownInterface: ${PATH} has no interface org.example.Jukebox1`,
  ]);
  expect(await replies("Look")).toEqual([["look"]]);
  const reopened = await bus.serve(PATH, new Jukebox());
  await jukebox.close();
  expect(await replies("Stop", "", [], { interface: "org.example.Jukebox1" })).toEqual([[]]);
  await reopened.close();
  const introspection = await replies("Introspect", "", [], { interface: "org.freedesktop.DBus.Introspectable" });
  const xml = String(introspection.flat());
  expect(xml).toContain(VAULT);
  expect(xml).not.toContain("Jukebox1");
});
