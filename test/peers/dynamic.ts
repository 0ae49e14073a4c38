// Uses the real daemons of the catalogue without generated code, and follows objects of NetworkManager. Prints what was
// observed. Usage: npm run peers -- dynamic [part of a name]

import { strict as assert } from "node:assert";
import { type Bus, type DBusError, type LiveChange, watchObjects } from "@dbus-codegen-ts/runtime";
import { remoteObject } from "@dbus-codegen-ts/runtime/dynamic";
import {
  Connection,
  ConnectionClient,
} from "../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.Settings.Connection.ts";
import { Settings } from "../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.Settings.ts";
import { ROWS } from "./catalogue/rows.ts";

const MAX_OBJECTS = 100;
const MANAGER = "org.freedesktop.NetworkManager";
const SETTINGS = "/org/freedesktop/NetworkManager/Settings";

const [part = ""] = process.argv.slice(2);
for (const { api, busName, missing, start } of ROWS.filter((row) => row.api.includes(part))) {
  const label = api.padEnd(16);
  if (missing !== undefined) {
    console.log(`skipped  ${label}${missing}`);
    continue;
  }
  try {
    await using daemon = await start();
    console.log(`passed   ${label}${await readEverything(daemon.bus, busName)}`);
    if (api === "networkmanager") console.log(`         ${await followProfiles(daemon.bus)}`);
  } catch (error) {
    console.log(`failed   ${label}`, error);
    process.exitCode = 1;
  }
}
process.exit();

/** Introspects the objects of a service and reads all their properties. */
async function readEverything(bus: Bus, name: string): Promise<string> {
  const counts = { objects: 0, interfaces: 0, members: 0, values: 0, refused: 0 };
  const paths = ["/"];
  for (const path of paths) {
    const object = await remoteObject(bus, name, path);
    assert.deepEqual(object.problems, [], `${path} declares members that are not valid`);
    counts.objects++;
    paths.push(...object.children.slice(0, MAX_OBJECTS - paths.length));
    for (const found of object.interfaces.map((iface) => object.interface(iface as string))) {
      const { methods, signals, properties } = found.introspected;
      counts.interfaces++;
      counts.members += methods.size + signals.size + properties.size;
      if (properties.size === 0) continue;
      const values = await found.getAll().catch((error: DBusError) => error.errorName);
      if (typeof values === "string") counts.refused++;
      else counts.values += Object.keys(values).length;
    }
  }
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

/**
 * Adds, changes and deletes a profile of NetworkManager. Returns the changes that a live map of the profiles reported.
 */
async function followProfiles(bus: Bus): Promise<string> {
  await using profiles = await watchObjects(bus, MANAGER, "/org/freedesktop", { interface: ConnectionClient });
  const before = new Set(profiles.keys());
  const seen: string[] = [];
  const { promise, resolve } = withResolver();
  await using _ = profiles.subscribe(({ kind, object, changed }: LiveChange<ConnectionClient>) => {
    if (before.has(object.path)) return;
    seen.push([kind, ...changed].join(" "));
    if (kind === "removed") resolve();
  });
  const settings = (await remoteObject(bus, MANAGER, SETTINGS)).interface(Settings);
  const profile = { connection: { id: "team", type: "bridge", interfaceName: "br7", autoconnect: false } };
  const added = await settings.call("AddConnectionUnsaved", [{ ...profile, ipv4: { method: "disabled" } }]);
  const connection = (await remoteObject(bus, MANAGER, added)).interface(Connection);
  assert.equal((await connection.call("GetSettings")).connection?.id, "team");
  await connection.call("Save");
  while (profiles.get(added)?.values.unsaved !== false) await new Promise((next) => setTimeout(next, 10));
  await connection.call("Delete");
  await promise;
  assert.equal(profiles.size, before.size);
  return `profiles: ${seen.join(", ")}`;
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
