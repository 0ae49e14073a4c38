import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { FailedError, Variant } from "../../../../runtime/core/index.ts";
import { machineId } from "../../../../runtime/core/service/machine-id.ts";
import { described } from "../fixtures/raw-peer.ts";
import { NAME, PATH, PROPERTIES, startVault, VAULT } from "../fixtures/service-bus.ts";

test("properties that cannot be read, set or found are refused and keep their values [S03]", async () => {
  const { vault, replies } = await startVault();
  const on = { interface: PROPERTIES };
  const cases: readonly (readonly [member: string, signature: string, values: readonly unknown[], error: string])[] = [
    ["Set", "ssv", [VAULT, "Made", new Variant("s", "of wood")], "PropertyReadOnly: Made cannot be set"],
    ["Get", "ss", [VAULT, "Secret"], "AccessDenied: Secret cannot be read"],
    ["Set", "ssv", [VAULT, "Label", new Variant("u", 1)], 'InvalidArgs: Label has type "s", got "u"'],
    ["Get", "ss", [VAULT, "Colour"], `UnknownProperty: ${VAULT} has no property "Colour"`],
    ["Set", "ssv", [VAULT, "Colour", new Variant("u", 1)], `UnknownProperty: ${VAULT} has no property "Colour"`],
    ["Get", "ss", [PROPERTIES, "Label"], `UnknownProperty: ${PROPERTIES} has no property "Label"`],
    ["GetAll", "s", ["org.example.Other"], `UnknownInterface: ${PATH} has no interface "org.example.Other"`],
    ["Get", "ss", ["", "Colour"], `UnknownProperty: ${PATH} has no property "Colour"`],
    ["Get", "ss", ["", "Secret"], "AccessDenied: Secret cannot be read"],
    ["Set", "ssv", ["", "Made", new Variant("s", "of wood")], "PropertyReadOnly: Made cannot be set"],
  ];
  for (const [member, signature, values, error] of cases) {
    expect(await replies(member, signature, values, on)).toEqual([error]);
  }
  expect(vault.properties).toMatchObject({ label: "mine", made: "of steel" });
});

test("an empty interface name means all interfaces of the object", async () => {
  const { vault, replies } = await startVault();
  const on = { interface: PROPERTIES };
  const all = await replies("GetAll", "s", [VAULT], on);
  expect(await replies("GetAll", "s", [""], on)).toEqual(all);
  expect(await replies("Get", "ss", ["", "Label"], on)).toEqual([[new Variant("s", "mine")]]);
  expect(await replies("Set", "ssv", ["", "Label", new Variant("s", "yours")], on)).toEqual([[]]);
  expect(vault.properties.label).toBe("yours");
});

test("Peer is available at every path, other standard interfaces only at objects [S44]", async () => {
  const { raw, replies } = await startVault();
  const peer = { interface: "org.freedesktop.DBus.Peer" };
  expect(await replies("Ping", "", [], peer)).toEqual([[]]);
  expect(await replies("Ping", "", [], { ...peer, path: "/nowhere" })).toEqual([[]]);
  const id = (await readFile("/etc/machine-id", "utf8").catch(() => "")).trim();
  const expected = id === "" ? "Failed: this machine has no machine id" : [id];
  raw.send({ destination: NAME, path: "/", ...peer, member: "GetMachineId" });
  await expect.poll(() => raw.received.slice(-1).map(described)).toEqual([expected]);
  await expect(machineId(["/nonexistent/machine-id", "/etc/hostname"])).rejects.toBeInstanceOf(FailedError);
  const introspectable = { interface: "org.freedesktop.DBus.Introspectable", path: "/nowhere" };
  expect(await replies("Introspect", "", [], introspectable)).toEqual([
    "UnknownObject: there is no object at /nowhere",
  ]);
  const manager = { interface: "org.freedesktop.DBus.ObjectManager" };
  expect(await replies("GetManagedObjects", "", [], manager)).toEqual([
    `UnknownInterface: ${PATH} has no interface ${manager.interface}`,
  ]);
});
