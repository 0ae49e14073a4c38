import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type AnyService, Variant } from "../../../../runtime/core/index.ts";
import { NAME, PROPERTIES, plain, startClient, VAULT } from "../fixtures/service-bus.ts";
import { Vault } from "../fixtures/vault.ts";

const run = promisify(execFile);

describe("a subtree", () => {
  test("serves objects that are found when they are called", async () => {
    const { bus, call, set } = await startClient();
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

  test("sends signals of services at the path where they were found, until it is closed", async () => {
    const { bus, client, call, receive } = await startClient();
    const vault = new Vault();
    const subtree = await bus.serveSubtree("/many", (relative) => (relative === "a" ? [vault] : undefined));
    const opened = await receive("/many/a", VAULT, "Opened");
    const changed = await receive("/many/a", PROPERTIES, "PropertiesChanged");
    vault.signals.opened("unbound");
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

  test("lists its child nodes if the application provides them", async () => {
    const { daemon, bus } = await startClient();
    const children = (relative: string): readonly string[] => (relative === "" ? ["b", "a"] : []);
    const find = (relative: string) => (relative.length === 1 ? [new Vault()] : undefined);
    await bus.serveSubtree("/many", find, { children });
    await bus.serve("/many/c", new Vault());
    const { stdout } = await run("busctl", [`--address=${daemon.address}`, "tree", "--list", NAME]);
    expect(stdout.trim()).toBe("/\n/many\n/many/a\n/many/b\n/many/c");
  });

  test("may be the root", async () => {
    const { bus, call, receive } = await startClient();
    const asked: string[] = [];
    const vault = new Vault("found");
    await using _ = await bus.serveSubtree("/", (relative) => {
      asked.push(relative);
      return relative === "a/b" ? [vault] : undefined;
    });
    expect(await call("/a/b", "Get", [VAULT, "Label"], PROPERTIES)).toEqual([new Variant("s", "found")]);
    const changed = await receive("/a/b", PROPERTIES, "PropertiesChanged");
    vault.properties.label = "new";
    await call("/a/b", "Look");
    expect([changed.length, new Set(asked)]).toEqual([1, new Set(["a/b"])]);
  });

  test("replies Failed if a function of the application has a bug", async () => {
    const { bus, log, call } = await startClient();
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
