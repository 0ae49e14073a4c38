import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { ROOT, spec, temporaryFolder } from "../../support.ts";

const BIN = join(ROOT, "generator/bin/dbus-codegen.js");
const lamp = (method: string): string => spec(`<method name="${method}"/>`, "org.example.Lamp1");
const BAD = spec(`<method name="1"/>`, "org.example.Lamp1");
const INCLUDES = `<node xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="parts/lamp.xml"/></node>`;

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  await write("specs/lamp.xml", lamp("Play"));
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

const read = (path = "out/org.example.Lamp1.ts"): Promise<string> => readFile(join(folder, path), "utf8");
const written = (): Promise<readonly string[]> => readdir(join(folder, "out"));

/** `dbus-codegen generate --watch` in a process of its own. */
class Watch {
  readonly #process: ChildProcess;
  #talk = "";
  #out = "";

  constructor(...argv: readonly string[]) {
    const env = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: "1" };
    this.#process = spawn(process.execPath, [BIN, "generate", "--watch", ...argv], { cwd: folder, env });
    this.#process.stderr?.on("data", (chunk) => {
      this.#talk += String(chunk);
    });
    this.#process.stdout?.on("data", (chunk) => {
      this.#out += String(chunk);
    });
    onTestFinished(() => void this.#process.kill("SIGKILL"));
  }

  /** One that has generated once. */
  static async start(...argv: readonly string[]): Promise<Watch> {
    const watch = new Watch(...argv);
    await watch.says("watching for changes; Ctrl+C ends\n");
    watch.take();
    return watch;
  }

  /** Waits until it has said something. */
  async says(text: string | RegExp): Promise<void> {
    const expected = typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text);
    await vi.waitFor(() => expect(this.#talk).toEqual(expected), 20_000);
  }

  /** What it has said since the last time. */
  take(): string {
    const talk = this.#talk;
    this.#talk = "";
    return talk.replaceAll(/in \d+ ms/g, "in … ms");
  }

  get out(): string {
    return this.#out;
  }

  end(signal: "SIGINT" | "SIGTERM" = "SIGINT"): Promise<number | null> {
    this.#process.kill(signal);
    return this.ended();
  }

  async ended(): Promise<number | null> {
    if (this.#process.exitCode === null) await once(this.#process, "close");
    return this.#process.exitCode;
  }
}

/** Long enough for what must not happen. */
const settle = (): Promise<void> => sleep(400);
const DONE = /\d+ written, \d+ unchanged.* in \d+ ms\n$/;

describe("generate --watch", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "generates, tells that it goes on, and ends with 0 on %s",
    async (signal) => {
      const watch = new Watch("specs", "-o", "out");
      await watch.says("Ctrl+C");
      expect(watch.take()).toBe("1 written, 0 unchanged in … ms\nwatching for changes; Ctrl+C ends\n");
      expect(await written()).toEqual(["org.example.Lamp1.ts"]);
      expect(await watch.end(signal)).toBe(0);
      expect([watch.take(), watch.out]).toEqual(["", ""]);
    },
  );

  test("a change writes what it changes; a burst is one run", async () => {
    for (const name of ["a", "b", "c", "d"]) await write(`specs/${name}.xml`, spec("", `org.example.${name}.X`));
    const watch = await Watch.start("specs", "-o", "out");
    for (const name of ["a", "b", "c", "d"])
      await write(`specs/${name}.xml`, spec(`<signal name="S"/>`, `org.example.${name}.X`));
    await watch.says(DONE);
    await settle();
    expect(watch.take()).toBe("4 written, 1 unchanged in … ms\n");
    expect(await watch.end()).toBe(0);
  });

  test("nothing is said or written where nothing changed", async () => {
    const watch = await Watch.start("specs", "-o", "out");
    await utimes(join(folder, "specs/lamp.xml"), new Date(), new Date());
    await write("specs/lamp.xml", lamp("Play"));
    await write("specs/notes.txt", "no spec");
    await write("beside.xml", BAD);
    await settle();
    expect(watch.take()).toBe("");
  });

  test("goes on after an error, and is quiet until it is mended", async () => {
    const watch = await Watch.start("specs", "-o", "out", "--format", "plain");
    await write("specs/lamp.xml", BAD);
    await watch.says("nothing written");
    await settle();
    expect(watch.take()).toBe(
      `specs/lamp.xml:1:${BAD.indexOf('"1"') + 2} error name: "1" is not a method name: letters, digits and underscores, not starting with a digit\n1 error in 1 spec, nothing written\n`,
    );
    expect(await read()).toContain("play");
    await write("specs/lamp.xml", lamp("Dim"));
    await watch.says(DONE);
    expect(watch.take()).toBe("1 written, 0 unchanged in … ms\n");
    expect(await read()).toContain("dim");
  });

  test("begins with an error in a spec, too", async () => {
    await write("specs/lamp.xml", BAD);
    const watch = await Watch.start("specs", "-o", "out");
    await write("specs/lamp.xml", lamp("Play"));
    await watch.says(DONE);
  });

  test("files and folders that come, go, move and are replaced as editors do", async () => {
    const watch = await Watch.start("specs", "-o", "out");
    const next = async (names: readonly string[]): Promise<void> => {
      await watch.says(DONE);
      watch.take();
      expect(await written()).toEqual(names);
    };
    await write("specs/deep/deeper/fan.xml", spec("", "org.example.Fan1"));
    await next(["org.example.Fan1.ts", "org.example.Lamp1.ts"]);
    await write("specs/deep/deeper/fan.xml", spec("", "org.example.Fan2"));
    await next(["org.example.Fan2.ts", "org.example.Lamp1.ts"]);
    await rename(join(folder, "specs/deep"), join(folder, "elsewhere"));
    await next(["org.example.Lamp1.ts"]);
    await write("specs/.lamp.xml.swp", lamp("Dim"));
    await rename(join(folder, "specs/.lamp.xml.swp"), join(folder, "specs/lamp.xml"));
    await next(["org.example.Lamp1.ts"]);
    expect(await read()).toContain("dim");
    await rm(join(folder, "specs"), { recursive: true });
    await watch.says("there is no");
    await write("specs/lamp.xml", lamp("Blink"));
    await next(["org.example.Lamp1.ts"]);
    expect(await read()).toContain("blink");
    expect(await watch.end()).toBe(0);
  });

  test("what is included from outside the named specs: changed, removed, made", async () => {
    await write("specs/lamp.xml", INCLUDES);
    await write("specs/parts/lamp.xml", lamp("Play"));
    const watch = await Watch.start("specs/lamp.xml", "-o", "out");
    await write("specs/parts/lamp.xml", lamp("Dim"));
    await watch.says(DONE);
    watch.take();
    expect(await read()).toContain("dim");
    await rm(join(folder, "specs/parts"), { recursive: true });
    await watch.says("nothing written");
    expect(watch.take()).toContain('error include: the included file "specs/parts/lamp.xml" was not given');
    await write("specs/parts/lamp.xml", lamp("Blink"));
    await watch.says(DONE);
    expect(await read()).toContain("blink");
  });

  test("a spec that is a link: the file that it leads to", async () => {
    await rename(join(folder, "specs/lamp.xml"), join(folder, "real.xml"));
    await symlink(join(folder, "real.xml"), join(folder, "link.xml"));
    const watch = await Watch.start("link.xml", "-o", "out");
    await write("real.xml", lamp("Dim"));
    await watch.says(DONE);
    expect(await read()).toContain("dim");
  });

  test("the config and what it imports: changed, broken, mended", async () => {
    await write(
      "dbus-codegen.config.ts",
      `import { targets } from "./targets.ts"; export default { specs: ["specs"], out: "out", targets };`,
    );
    await write("targets.ts", `export const targets: string[] = ["client"];`);
    const watch = await Watch.start();
    expect(await read()).not.toContain("Lamp1Service");
    await write("targets.ts", `export const targets: string[] = ["service"];`);
    await watch.says(DONE);
    watch.take();
    expect(await read()).toContain("Lamp1Service");
    await write("targets.ts", `export const targets: string[] = ["servant"];`);
    await watch.says("\n");
    expect(watch.take()).toBe(
      'dbus-codegen: dbus-codegen.config.ts: targets[0]: "servant" is not one of "client", "service"; did you mean "service"?\n',
    );
    await write("targets.ts", "export const targets: string[] = [");
    await watch.says("cannot be loaded");
    watch.take();
    await write("targets.ts", `export const targets: string[] = ["client"];`);
    await watch.says(DONE);
    watch.take();
    expect(await read()).not.toContain("Lamp1Service");
    await write("dbus-codegen.config.ts", `export default { specs: ["specs"], out: "elsewhere" };`);
    await watch.says(DONE);
    expect(await readdir(join(folder, "elsewhere"))).toEqual(["org.example.Lamp1.ts"]);
  });

  test("modules in a folder of specs do not set it off again", async () => {
    const watch = await Watch.start("specs", "-o", "specs");
    await write("specs/lamp.xml", lamp("Dim"));
    await watch.says(DONE);
    await settle();
    expect(watch.take()).toBe("1 written, 0 unchanged in … ms\n");
  });

  test("--format json is a line for each run; --deps is kept", async () => {
    const watch = await Watch.start("specs", "-o", "out", "--format", "json", "--deps", "out.d");
    await write("specs/fan.xml", spec("", "org.example.Fan1"));
    await watch.says(DONE);
    const runs = watch.out
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(runs).toMatchObject([
      { files: [{ change: "create" }] },
      { files: [{ change: "create" }, { change: "keep" }] },
    ]);
    await vi.waitFor(async () => expect(await read("out.d")).toContain("specs/fan.xml"));
  });

  // biome-ignore format: one case a line
  test.each([
    [["nix", "-o", "out"], 'there is no file or folder "nix"'],
    [["-", "-o", "out"], "--watch needs files: standard input is read once"],
    [["specs"], "name the output folder"],
  ])("a command line that makes no sense ends it: %j", async (argv, message) => {
    const watch = new Watch(...argv);
    expect(await watch.ended()).toBe(2);
    await watch.says(message);
  });
});
