import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { readdir, readFile, rename, rm, symlink, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { main } from "../../../../generator/cli/main.ts";
import { ROOT, spec, temporaryFolder } from "../../support.ts";

const BIN = join(ROOT, "generator/bin/dbus-codegen.js");
const lamp = (method: string): string => spec(`<method name="${method}"/>`, "org.example.Lamp1");
const BAD = spec(`<method name="1"/>`, "org.example.Lamp1");
const INCLUDES = `<node xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="parts/lamp.xml"/></node>`;

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  write("specs/lamp.xml", lamp("Play"));
});

/** Writes a file synchronously, so that a run never reads a part of it. */
function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const read = (path = "out/org.example.Lamp1.ts"): Promise<string> => readFile(join(folder, path), "utf8");
const written = (): Promise<readonly string[]> => readdir(join(folder, "out"));

/** A run of `dbus-codegen generate --watch` with its output. */
abstract class Watch {
  #err = "";
  #out = "";

  protected readonly writeError = (chunk: unknown): void => {
    this.#err += String(chunk);
  };
  protected readonly writeOutput = (chunk: unknown): void => {
    this.#out += String(chunk);
  };

  /** Resolves with the exit code. */
  abstract readonly ended: Promise<number | null>;

  /** Waits until standard error contains a text. */
  async waitForError(text: string | RegExp): Promise<void> {
    const expected = typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text);
    await vi.waitFor(() => expect(this.#err).toEqual(expected), { interval: 10 });
  }

  /** Returns standard error since the last call. */
  takeError(): string {
    const err = this.#err;
    this.#err = "";
    return err.replaceAll(/in \d+ ms/g, "in … ms");
  }

  get out(): string {
    return this.#out;
  }
}

/** A run in this process. */
class WatchRun extends Watch {
  readonly ended: Promise<number>;
  /** Ends the run as SIGINT does. */
  interrupt: () => void = () => undefined;

  constructor(...argv: readonly string[]) {
    super();
    const interrupted = new Promise<void>((resolve) => {
      this.interrupt = resolve;
    });
    this.ended = main(["generate", "--watch", ...argv], {
      cwd: folder,
      writeOutput: this.writeOutput,
      writeError: this.writeError,
      colorError: false,
      stdin: async function* () {},
      waitForInterrupt: () => interrupted,
    });
    onTestFinished(async () => {
      this.interrupt();
      await this.ended;
    });
  }

  /** Starts a run and waits until its first modules are generated. */
  static async start(...argv: readonly string[]): Promise<WatchRun> {
    const watch = new WatchRun(...argv);
    await watch.waitForError("watching for changes; press Ctrl+C to stop\n");
    watch.takeError();
    return watch;
  }
}

/** A run of the installed command. */
class WatchProcess extends Watch {
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;

  constructor(...argv: readonly string[]) {
    super();
    const env = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: "1" };
    this.#process = spawn(process.execPath, [BIN, "generate", "--watch", ...argv], { cwd: folder, env });
    this.#process.stderr?.on("data", this.writeError);
    this.#process.stdout?.on("data", this.writeOutput);
    this.ended = once(this.#process, "close").then(([code]) => code);
    onTestFinished(() => void this.#process.kill("SIGKILL"));
  }

  end(signal: "SIGINT" | "SIGTERM"): Promise<number | null> {
    this.#process.kill(signal);
    return this.ended;
  }
}

/** Waits for a time in which an event that must not happen would happen. */
const settle = (): Promise<void> => sleep(400);
const DONE = /\d+ written, \d+ unchanged.* in \d+ ms\n$/;

describe("generate --watch", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "generates, announces that it continues, and ends with 0 on %s",
    async (signal) => {
      const watch = new WatchProcess("specs", "-o", "out");
      await watch.waitForError("Ctrl+C");
      expect(watch.takeError()).toBe("1 written, 0 unchanged in … ms\nwatching for changes; press Ctrl+C to stop\n");
      expect(await written()).toEqual(["org.example.Lamp1.ts"]);
      expect(await watch.end(signal)).toBe(0);
      expect([watch.takeError(), watch.out]).toEqual(["", ""]);
    },
  );

  test("writes the modules of changed specs; a burst of changes is one run", async () => {
    const writeAll = (body: string): void => {
      for (const name of ["a", "b", "c", "d"]) write(`specs/${name}.xml`, spec(body, `org.example.${name}.X`));
    };
    writeAll("");
    const watch = await WatchRun.start("specs", "-o", "out");
    let burst = 0;
    const runsOfBurst = async (): Promise<string> => {
      writeAll(`<signal name="S${++burst}"/>`);
      await watch.waitForError(DONE);
      await settle();
      return watch.takeError();
    };
    // On a busy machine, the changes of a burst may be noticed so late that they are several bursts.
    await expect.poll(runsOfBurst).toBe("4 written, 1 unchanged in … ms\n");
    watch.interrupt();
    expect(await watch.ended).toBe(0);
  });

  test("generates after an overlay is changed, added or removed", async () => {
    const overlay = (text: string): string =>
      spec(`<tp:docstring>${text}</tp:docstring>`, "org.example.Lamp1").replace(
        "<node ",
        '<node dct:overlay="org.example.Lamp1" ',
      );
    write("overlays/a.xml", overlay("A lamp."));
    const watch = await WatchRun.start("specs", "--overlay", "overlays", "-o", "out");
    expect(await read()).toContain("A lamp.");
    write("overlays/a.xml", overlay("A bright lamp."));
    await watch.waitForError(DONE);
    watch.takeError();
    expect(await read()).toContain("A bright lamp.");
    write("overlays/b.xml", overlay("A dark lamp."));
    await watch.waitForError(DONE);
    watch.takeError();
    expect(await read()).toContain("A dark lamp.");
    await rm(join(folder, "overlays/b.xml"));
    await watch.waitForError(DONE);
    expect(await read()).toContain("A bright lamp.");
  });

  test("prints and writes nothing if nothing changed", async () => {
    const watch = await WatchRun.start("specs", "-o", "out");
    await utimes(join(folder, "specs/lamp.xml"), new Date(), new Date());
    write("specs/lamp.xml", lamp("Play"));
    write("specs/notes.txt", "no spec");
    write("beside.xml", BAD);
    await settle();
    expect(watch.takeError()).toBe("");
  });

  test("continues after an error and prints nothing until the spec is corrected", async () => {
    const watch = await WatchRun.start("specs", "-o", "out", "--format", "plain");
    write("specs/lamp.xml", BAD);
    await watch.waitForError("nothing written");
    await settle();
    expect(watch.takeError()).toBe(
      `specs/lamp.xml:1:${BAD.indexOf('"1"') + 2} error name: "1" is not a method name: letters, digits and underscores, not starting with a digit\n1 error in 1 spec, nothing written\n`,
    );
    expect(await read()).toContain("play");
    write("specs/lamp.xml", lamp("Dim"));
    await watch.waitForError(DONE);
    expect(watch.takeError()).toBe("1 written, 0 unchanged in … ms\n");
    expect(await read()).toContain("dim");
  });

  test("starts with an error in a spec, too", async () => {
    write("specs/lamp.xml", BAD);
    const watch = await WatchRun.start("specs", "-o", "out");
    write("specs/lamp.xml", lamp("Play"));
    await watch.waitForError(DONE);
  });

  test("follows files and folders that are added, removed, moved, and replaced by a swap file", async () => {
    const watch = await WatchRun.start("specs", "-o", "out");
    const next = async (names: readonly string[]): Promise<void> => {
      await watch.waitForError(DONE);
      watch.takeError();
      expect(await written()).toEqual(names);
    };
    write("specs/deep/deeper/fan.xml", spec("", "org.example.Fan1"));
    await next(["org.example.Fan1.ts", "org.example.Lamp1.ts"]);
    write("specs/deep/deeper/fan.xml", spec("", "org.example.Fan2"));
    await next(["org.example.Fan2.ts", "org.example.Lamp1.ts"]);
    await rename(join(folder, "specs/deep"), join(folder, "elsewhere"));
    await next(["org.example.Lamp1.ts"]);
    write("specs/.lamp.xml.swp", lamp("Dim"));
    await rename(join(folder, "specs/.lamp.xml.swp"), join(folder, "specs/lamp.xml"));
    await next(["org.example.Lamp1.ts"]);
    expect(await read()).toContain("dim");
    await rm(join(folder, "specs"), { recursive: true });
    await watch.waitForError("there is no");
    write("specs/lamp.xml", lamp("Blink"));
    await next(["org.example.Lamp1.ts"]);
    expect(await read()).toContain("blink");
    watch.interrupt();
    expect(await watch.ended).toBe(0);
  });

  test("follows included files outside the named specs: changed, removed, added", async () => {
    write("specs/lamp.xml", INCLUDES);
    write("specs/parts/lamp.xml", lamp("Play"));
    const watch = await WatchRun.start("specs/lamp.xml", "-o", "out");
    write("specs/parts/lamp.xml", lamp("Dim"));
    await watch.waitForError(DONE);
    watch.takeError();
    expect(await read()).toContain("dim");
    await rm(join(folder, "specs/parts"), { recursive: true });
    await watch.waitForError("nothing written");
    expect(watch.takeError()).toContain(
      'error include: the included file "specs/parts/lamp.xml" is not among the given files',
    );
    write("specs/parts/lamp.xml", lamp("Blink"));
    await watch.waitForError(DONE);
    expect(await read()).toContain("blink");
  });

  test("follows the target of a spec that is a symbolic link", async () => {
    await rename(join(folder, "specs/lamp.xml"), join(folder, "real.xml"));
    await symlink(join(folder, "real.xml"), join(folder, "link.xml"));
    const watch = await WatchRun.start("link.xml", "-o", "out");
    write("real.xml", lamp("Dim"));
    await watch.waitForError(DONE);
    expect(await read()).toContain("dim");
  });

  test("follows the config and its imports: changed, broken, corrected", async () => {
    write(
      "dbus-codegen.config.ts",
      `import { targets } from "./targets.ts"; export default { specs: ["specs"], out: "out", targets };`,
    );
    write("targets.ts", `export const targets: string[] = ["client"];`);
    const watch = await WatchRun.start();
    expect(await read()).not.toContain("Lamp1Service");
    write("targets.ts", `export const targets: string[] = ["service"];`);
    await watch.waitForError(DONE);
    watch.takeError();
    expect(await read()).toContain("Lamp1Service");
    write("targets.ts", `export const targets: string[] = ["servant"];`);
    await watch.waitForError("\n");
    expect(watch.takeError()).toBe(
      'dbus-codegen: dbus-codegen.config.ts: targets[0]: "servant" is not one of "client", "service"; did you mean "service"?\n',
    );
    write("targets.ts", "export const targets: string[] = [");
    await watch.waitForError("cannot be loaded");
    watch.takeError();
    write("targets.ts", `export const targets: string[] = ["client"];`);
    await watch.waitForError(DONE);
    watch.takeError();
    expect(await read()).not.toContain("Lamp1Service");
    write("dbus-codegen.config.ts", `export default { specs: ["specs"], out: "elsewhere" };`);
    await watch.waitForError(DONE);
    expect(await readdir(join(folder, "elsewhere"))).toEqual(["org.example.Lamp1.ts"]);
  });

  test("modules that are written into a folder of specs do not start another run", async () => {
    const watch = await WatchRun.start("specs", "-o", "specs");
    write("specs/lamp.xml", lamp("Dim"));
    await watch.waitForError(DONE);
    await settle();
    expect(watch.takeError()).toBe("1 written, 0 unchanged in … ms\n");
  });

  test("--format json is a line for each run; --deps is kept", async () => {
    const watch = await WatchRun.start("specs", "-o", "out", "--format", "json", "--deps", "out.d");
    write("specs/fan.xml", spec("", "org.example.Fan1"));
    await watch.waitForError(DONE);
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
    [["-", "-o", "out"], "--watch needs files: standard input can be read only once"],
    [["specs"], "name the output folder"],
  ])("ends on an invalid command line: %j", async (argv, message) => {
    const watch = new WatchRun(...argv);
    expect(await watch.ended).toBe(2);
    await watch.waitForError(message);
  });
});
