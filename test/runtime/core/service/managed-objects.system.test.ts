import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { Variant } from "../../../../runtime/core/index.ts";
import { MANAGER, NAME, plain, startClient, VAULT } from "../fixtures/service-bus.ts";
import { Jukebox } from "../fixtures/services.ts";
import { Vault } from "../fixtures/vault.ts";

const run = promisify(execFile);

describe("an object manager", () => {
  test("lists all objects below and announces added and removed objects", async () => {
    const { bus, call, receive } = await startClient();
    await bus.serve("/org/example", new Vault("root"));
    const manager = await bus.serveObjectManager("/org/example");
    await bus.serve("/org/example/a", new Vault("a"), new Jukebox());
    await bus.serve("/org/other", new Vault("other"));
    // After this call, all earlier announcements have passed the bus, and the listeners below do not receive them.
    await call("/org/example", "Look");
    const added = await receive("/org/example", MANAGER, "InterfacesAdded");
    const removed = await receive("/org/example", MANAGER, "InterfacesRemoved");
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

  test("is readable by gdbus and busctl", async () => {
    const { daemon, bus } = await startClient();
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
