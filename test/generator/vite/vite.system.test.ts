import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  build,
  createLogger,
  createServer,
  type InlineConfig,
  type Logger,
  type Rolldown,
  type ViteDevServer,
} from "vite";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type DbusCodegenOptions, dbusCodegen } from "../../../generator/vite/vite.ts";
import { spec, temporaryFolder } from "../support.ts";

const GOOD = spec(`<method name="Play"/>`, "org.example.Lamp1");
const BAD = `<node>\n  <interface name="org.example.Lamp1"><method name="1"/><method name="2"/></interface>\n</node>`;
const WARNS = spec(`\n<method name="Then"/>`, "org.example.Lamp1");
const OPTIONS: DbusCodegenOptions = { specs: ["specs"], out: "src/generated" };

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  await write("package.json", `{ "type": "module" }`);
  await write("specs/lamp.xml", GOOD);
  await write("src/main.ts", `export { Lamp1 } from "./generated/org.example.Lamp1.ts";`);
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

const generated = (): Promise<string> => readFile(join(folder, "src/generated/org.example.Lamp1.ts"), "utf8");

/** Returns the config of a Vite project with the plugin, and the messages of its logger. */
function project(options?: DbusCodegenOptions): { readonly config: InlineConfig; readonly logged: readonly string[] } {
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message.replaceAll(/\u001B\[\d+m/g, ""));
  const customLogger: Logger = { ...createLogger("silent"), warn: log, error: log };
  const config: InlineConfig = {
    root: folder,
    configFile: false,
    logLevel: "warn",
    customLogger,
    plugins: [dbusCodegen(options)],
    build: {
      lib: { entry: "src/main.ts", formats: ["es"], fileName: "main" },
      rolldownOptions: { external: ["@dbus-codegen-ts/runtime"] },
    },
  };
  return { config, logged };
}

describe("a build", () => {
  test("generates before modules are resolved", async () => {
    await build(project(OPTIONS).config);
    expect(await readdir(join(folder, "src/generated"))).toEqual(["org.example.Lamp1.ts"]);
    expect(await readFile(join(folder, "dist/main.js"), "utf8")).toContain("org.example.Lamp1");
  });

  test("runs before other plugins, such as one that reads all modules", async () => {
    const { config } = project(OPTIONS);
    let seen: string | undefined;
    const reader = {
      name: "reader",
      buildStart: async () => {
        seen = await generated().catch(String);
      },
    };
    await build({ ...config, plugins: [reader, ...(config.plugins ?? [])] });
    expect(seen).toContain("class Lamp1Client");
  });

  test("reads the config; options override it", async () => {
    await write(
      "dbus-codegen.config.ts",
      `import { defineConfig } from "dbus-codegen-ts";
       export default defineConfig({ specs: ["specs"], out: "src/generated", targets: ["client"] });`,
    );
    await build(project().config);
    expect([...(await generated()).matchAll(/class (\w+) extends/g)].map(([, name]) => name)).toEqual(["Lamp1Client"]);
    await build(project({ targets: ["service"] }).config);
    expect([...(await generated()).matchAll(/class (\w+) extends/g)].map(([, name]) => name)).toEqual(["Lamp1Service"]);
    await expect(build(project({ config: false }).config)).rejects.toThrow("set out in a config or in the options");
  });

  test("ends with all errors of specs and their positions; nothing is written", async () => {
    await write("specs/lamp.xml", BAD);
    const error: unknown = await build(project(OPTIONS).config).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      errors: [
        {
          plugin: "dbus-codegen",
          pluginCode: "name",
          loc: { file: join(folder, "specs/lamp.xml"), line: 2, column: 52 },
          frame: expect.stringContaining("> 2 |   <interface"),
          message: expect.stringContaining('specs/lamp.xml:2:53 "1" is not a method name: letters, digits'),
        },
      ],
    });
    expect(String(error)).toContain("and 1 more:\n  specs/lamp.xml:2:71 name:");
    await expect(generated()).rejects.toThrow("ENOENT");
  });

  test("shows a warning with its position", async () => {
    await write("specs/lamp.xml", WARNS);
    const { config, logged } = project(OPTIONS);
    const logs: Rolldown.RolldownLog[] = [];
    const rolldownOptions = {
      ...config.build?.rolldownOptions,
      onLog: (_: string, log: Rolldown.RolldownLog) => void logs.push(log),
    };
    await build({ ...config, build: { ...config.build, rolldownOptions } });
    expect([logs.filter(({ plugin }) => plugin === "dbus-codegen"), logged]).toMatchObject([
      [
        {
          loc: { file: join(folder, "specs/lamp.xml"), line: 2, column: 14 },
          message: expect.stringContaining("specs/lamp.xml:2:15"),
        },
      ],
      [],
    ]);
  });

  // biome-ignore format: one case a line
  test.each([
    [{ ...OPTIONS, specs: ["nix"] }, 'there is no file or folder "nix"'],
    [{ ...OPTIONS, out: "src" }, ""],
    [{ ...OPTIONS, config: "nix.ts" }, 'there is no config "nix.ts"'],
    [{ ...OPTIONS, targets: [] }, "options of dbusCodegen: targets: an empty list is not a list of one or more"],
    [{ ...OPTIONS, specs: ["specs"], rename: { "a.b.C": "x" } }, '<options of dbusCodegen>:1:1 cannot rename "a.b.C" to "x": no declaration has this address'],
  ])("%j: %s", async (options, message) => {
    if (message === "") {
      await write("src/org.example.Lamp1.ts", "export const mine = 1;");
      await expect(build(project(options).config)).rejects.toThrow("will not write src/org.example.Lamp1.ts: it exists");
    } else await expect(build(project(options).config)).rejects.toThrow(message);
  });

  test("in watch mode, builds after a change of a spec, an included file or the config", async () => {
    await write(
      "specs/lamp.xml",
      `<node xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="parts/lamp.xml"/></node>`,
    );
    await write("specs/parts/lamp.xml", GOOD);
    await write("dbus-codegen.config.json", JSON.stringify({ ...OPTIONS, specs: ["specs/lamp.xml"] }));
    const { config } = project();
    const watcher = await build({ ...config, build: { ...config.build, watch: {} } });
    if (!("on" in watcher)) throw new Error("no watcher");
    onTestFinished(() => watcher.close());
    await vi.waitFor(
      async () => expect(await readFile(join(folder, "dist/main.js"), "utf8")).toContain("Play"),
      20_000,
    );
    await write("specs/parts/lamp.xml", GOOD.replace("Play", "Dim"));
    await vi.waitFor(async () => expect(await readFile(join(folder, "dist/main.js"), "utf8")).toContain("Dim"));
    await write(
      "dbus-codegen.config.json",
      JSON.stringify({ ...OPTIONS, specs: ["specs/lamp.xml"], targets: ["client"] }),
    );
    await vi.waitFor(async () => expect(await generated()).not.toContain("Lamp1Service"));
  });
});

describe("a development server", () => {
  async function serve(options = OPTIONS): Promise<{
    readonly server: ViteDevServer;
    readonly logged: readonly string[];
    readonly sent: ReturnType<typeof vi.spyOn>;
  }> {
    const { config, logged } = project(options);
    const server = await createServer({ ...config, server: { middlewareMode: true, ws: false } });
    onTestFinished(() => server.close());
    const sent = vi.spyOn(server.ws, "send");
    await server.pluginContainer.buildStart({});
    return { server, logged, sent };
  }

  test("generates at its start and after a spec is changed, added or removed; once after a burst", async () => {
    const { server } = await serve();
    expect(await generated()).toContain("play");
    await write("specs/lamp.xml", GOOD.replace("Play", "Dim"));
    await vi.waitFor(async () => expect(await generated()).toContain("dim"));
    await write("specs/deep/fan.xml", spec("", "org.example.Fan1"));
    const names = (): Promise<readonly string[]> => readdir(join(folder, "src/generated"));
    await vi.waitFor(
      async () => expect(await names()).toEqual(["org.example.Fan1.ts", "org.example.Lamp1.ts"]),
      10_000,
    );
    await rm(join(folder, "specs/deep/fan.xml"));
    await vi.waitFor(async () => expect(await names()).toEqual(["org.example.Lamp1.ts"]));
    expect((await server.transformRequest("/src/main.ts"))?.code).toContain("org.example.Lamp1.ts");
  });

  test("watches each path once: a repeated watch would hide files that are added meanwhile", async () => {
    const { server } = await serve();
    const add = vi.spyOn(server.watcher, "add");
    await write("specs/lamp.xml", GOOD.replace("Play", "Dim"));
    await vi.waitFor(async () => expect(await generated()).toContain("dim"));
    await write("specs/part.xml", spec("", "org.example.Fan1"));
    await vi.waitFor(() => expect(add).toHaveBeenCalled());
    expect(add.mock.calls).toEqual([[[join(folder, "specs/part.xml")]]]);
  });

  test("generates after an overlay is changed or added", async () => {
    const overlay = (type: string): string =>
      spec(
        `<dct:dictionary name="Settings"><dct:key name="Level" type="${type}"/></dct:dictionary><property name="Settings" tp:type="Settings"/>`,
        "org.example.Lamp1",
      ).replace("<node ", '<node dct:overlay="org.example.Lamp1" ');
    await write("specs/lamp.xml", spec(`<property name="Settings" type="a{sv}" access="read"/>`, "org.example.Lamp1"));
    await write("overlays/settings.xml", overlay("y"));
    await serve({ ...OPTIONS, overlays: ["overlays"] });
    expect(await generated()).toContain("readonly level?: number");
    await write("overlays/settings.xml", overlay("s"));
    await vi.waitFor(async () => expect(await generated()).toContain("readonly level?: string"));
    await write("overlays/docs.xml", overlay("s").replace(/<dct.*\/>/, "<tp:docstring>A lamp.</tp:docstring>"));
    await vi.waitFor(async () => expect(await generated()).toContain("A lamp."));
  });

  test("continues after an error, which it shows over the page until it is corrected", async () => {
    await write("specs/lamp.xml", BAD);
    const { logged, sent } = await serve();
    expect(logged.join("\n")).toContain("[dbus-codegen] name: specs/lamp.xml:2:53 ");
    await write("specs/lamp.xml", GOOD);
    await vi.waitFor(async () => expect(await generated()).toContain("play"));
    const before = await generated();
    await write("specs/lamp.xml", BAD);
    await vi.waitFor(() => expect(sent).toHaveBeenLastCalledWith(expect.objectContaining({ type: "error" })));
    expect(await generated()).toBe(before);
    await write("specs/lamp.xml", GOOD);
    await vi.waitFor(() => expect(sent).toHaveBeenLastCalledWith({ type: "full-reload" }));
  });
});
