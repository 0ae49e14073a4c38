import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bus, connect, ObjectManagerClient } from "../../../../runtime/core/index.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { Jukebox1Client, NoTrackError, RepeatMode } from "../fixtures/jukebox.ts";

// Clients call a service of another implementation: dbus-python on libdbus.

const NAME = "org.example.ForeignService";
// Debian installs python3-dbus and python3-gi for its own Python.
const PYTHON = "/usr/bin/python3";
const isInstalled = spawnSync(PYTHON, ["-c", "import dbus, gi"]).status === 0;
if (!isInstalled) process.stderr.write("skipped: clients of a foreign service need python3-dbus and python3-gi\n");

describe.skipIf(!isInstalled)("a service by dbus-python", () => {
  let daemon: PrivateBus;
  let bus: Bus;
  let service: ChildProcess;
  const target = { destination: NAME, path: "/foreign/one" };

  beforeAll(async () => {
    daemon = await startPrivateBus();
    const script = fileURLToPath(new URL("../fixtures/foreign-service.py", import.meta.url));
    service = spawn(PYTHON, [script, daemon.address, NAME], { stdio: ["ignore", "pipe", "inherit"] });
    if (service.stdout !== null) await once(service.stdout, "data");
    bus = await connect({ bus: daemon.address });
  });
  afterAll(async () => {
    await bus?.close();
    service?.kill("SIGKILL");
    await daemon?.stop();
  });

  test("replies to calls and emits signals", async () => {
    const client = new Jukebox1Client(bus, target);
    const received: unknown[] = [];
    await using _ = await client.signals.trackChanged.subscribe((...args) => received.push(args));
    expect(await client.play("a.ogg", { volume: 0.5 })).toEqual(["/track", { uri: "a.ogg", length: 42n }]);
    expect(received).toEqual([["a.ogg", 1n]]);
    await expect(client.play("", {})).rejects.toBeInstanceOf(NoTrackError);
  });

  test("has properties that are read, written and cached", async () => {
    const client = new Jukebox1Client(bus, target);
    const { volume, repeat } = client.properties;
    const received: unknown[] = [];
    await volume.set(0.25);
    await using _ = await volume.subscribe((value) => received.push(value));
    expect([volume.value, repeat.value, await repeat.get()]).toEqual([0.25, RepeatMode.Track, RepeatMode.Track]);
    await client.stop();
    await volume.set(0.75);
    expect(received).toEqual([0.25, 0, 0.75]);
  });

  test("has managed objects, which are removed when it is killed", async () => {
    const classes = { jukebox: Jukebox1Client };
    await using manager = new ObjectManagerClient(bus, { destination: NAME, path: "/foreign" }, classes);
    const changes: string[] = [];
    await manager.subscribe(({ kind, object }) => changes.push(`${kind} ${object.path}`));
    const jukeboxes = { destination: NAME, path: "/foreign", interface: "org.example.Jukeboxes1", signature: "s" };
    await bus.call({ ...jukeboxes, member: "Add", args: ["two"] });
    const two = manager.get("/foreign/two")?.interfaces.jukebox;
    expect(two?.properties.volume.value).toBe(0.5);
    await two?.stop();
    expect(two?.properties.volume.value).toBe(0);
    await bus.call({ ...jukeboxes, member: "Remove", args: ["two"] });
    service.kill("SIGKILL");
    await expect.poll(() => manager.get("/foreign/one")).toBeUndefined();
    expect(changes).toEqual([
      "added /foreign/one",
      "added /foreign/two",
      "removed /foreign/two",
      "removed /foreign/one",
    ]);
  });
});
