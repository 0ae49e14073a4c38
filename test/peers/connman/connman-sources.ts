import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SESSION_TEST = ["session-test.c", "session-utils.c", "manager-api.c", "session-api.c"];
const GDBUS = ["mainloop.c", "watch.c", "object.c", "client.c", "polkit.c"];
/** Milliseconds that a test may take. It waits for Updates of a service that is brought up and taken down. */
const TEST_TIMEOUT_MS = 30_000;

/** A folder with the sources of ConnMan. Nothing in it is changed. */
export class ConnmanSources {
  readonly #folder: string;

  /** Returns the reason why the programs in a folder cannot be run; undefined if they can. */
  static whyNot(folder: string): string | undefined {
    if (process.getuid?.() !== 0) return "network namespaces need root";
    if (!existsSync(join(folder, "tools/session-test.c"))) return `there is no tools/session-test.c in ${folder}`;
    const libraries = spawnSync("pkg-config", ["--exists", "glib-2.0", "dbus-1"]);
    return libraries.status === 0 ? undefined : "not installed: pkg-config, libglib2.0-dev, libdbus-1-dev";
  }

  constructor(folder: string) {
    this.#folder = folder;
  }

  get version(): string {
    return /AC_INIT\(\[?connman\]?, *\[?([\d.]+)/.exec(this.#read("configure.ac"))?.[1] ?? "of unknown version";
  }

  get pythonProgram(): string {
    return join(this.#folder, "test/test-session");
  }

  get isPython2(): boolean {
    return /^\s*print "/m.test(this.#read("test/test-session"));
  }

  /** Compiles tools/session-test.c into a folder. Throws Error if it does not compile. */
  async compileSessionTest(work: string): Promise<SessionTest> {
    const headers = join(work, "include/connman");
    const storage = join(work, "storage");
    const program = join(work, "session-test");
    await mkdir(headers, { recursive: true });
    await mkdir(join(storage, "session_policy_local"), { recursive: true });
    for (const name of await readdir(join(this.#folder, "include"))) {
      if (name.endsWith(".h")) await symlink(join(this.#folder, "include", name), join(headers, name));
    }
    await writeFile(
      join(headers, "version.h"),
      this.#read("include/version.h.in").replaceAll("@VERSION@", this.version),
    );
    const files = [
      ...GDBUS.map((name) => `gdbus/${name}`),
      "src/log.c",
      "src/dbus.c",
      "src/error.c",
      ...SESSION_TEST.map((name) => `tools/${name}`),
    ];
    const folders = ["", "gdbus", "include", "src"].map((name) => `-I${join(this.#folder, name)}`);
    const defines = [
      "-D_GNU_SOURCE",
      "-DCONNMAN_PLUGIN_BUILTIN",
      `-DVERSION="${this.version}"`,
      `-DSTORAGEDIR="${storage}"`,
    ];
    const { stdout } = await run("pkg-config", ["--cflags", "--libs", "glib-2.0", "dbus-1"]);
    const libraries = stdout.trim().split(/\s+/);
    const inputs = files.map((name) => join(this.#folder, name));
    await run("gcc", [
      "-w",
      "-o",
      program,
      `-I${join(work, "include")}`,
      ...folders,
      ...defines,
      ...inputs,
      ...libraries,
      "-ldl",
    ]);
    return new SessionTest(program, join(storage, "session_policy_local"));
  }

  #read(name: string): string {
    return readFileSync(join(this.#folder, name), "utf8");
  }
}

/** The compiled tools/session-test.c. */
export class SessionTest {
  /** Folder of the policy files that the tests write. */
  readonly policyFolder: string;
  readonly #program: string;

  constructor(program: string, policyFolder: string) {
    this.#program = program;
    this.policyFolder = policyFolder;
  }

  /** Returns the paths of its tests. */
  tests(): readonly string[] {
    const lines = execFileSync(this.#program, ["-l"], { encoding: "utf8" }).split("\n");
    return lines.filter((line) => line.startsWith("/"));
  }

  /** Runs one test. Returns the reason of its failure; undefined if it passed. */
  async run(test: string, address: string): Promise<string | undefined> {
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address };
    try {
      const { stdout } = await run(this.#program, ["-p", test], {
        env,
        timeout: TEST_TIMEOUT_MS,
        killSignal: "SIGKILL",
      });
      return /^ok /m.test(stdout) ? undefined : "it did not run";
    } catch (error) {
      const { stdout, stderr } = Object(error);
      return (
        /(assertion failed: .*|killed by signal .*)/.exec(`${stderr} ${stdout}`)?.[0] ??
        /exit status: .*/.exec(`${stdout}`)?.[0] ??
        "it ended with an error"
      );
    }
  }
}
