import { execFile, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { connect } from "@dbus-codegen-ts/runtime";
import { beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../../../generator/cli/commands/registry.ts";
import { Files1Service } from "../../../runtime/core/generated/org.example.Files1.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { cli, temporaryFolder } from "../../support.ts";

const run = promisify(execFile);
/** A service whose methods are not called. */
class Files extends Files1Service {
  read = notCalled;
  write = notCalled;
  echo = notCalled;
  refuse = notCalled;
  announce = notCalled;
}

function notCalled(): never {
  throw new Error("completion calls no method");
}

const has = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

async function script(shell: string): Promise<string> {
  const { code, out, err } = await cli("/", "completion", shell);
  expect([code, err]).toEqual([0, ""]);
  return out;
}

describe("bash", () => {
  let text = "";
  beforeAll(async () => {
    text = await script("bash");
  });

  const complete = (...words: readonly string[]) => completeLine("_dbus_codegen", ["dbus-codegen", ...words]);

  /** Returns what a function offers to complete the last word of a command line. */
  async function completeLine(
    name: string,
    words: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<readonly string[]> {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "specs with blanks"));
    await mkdir(join(folder, "generated"));
    for (const name of ["a lamp.xml", "fan.xml", "notes.txt", "values.json"]) await writeFile(join(folder, name), "");
    const program = `${text}\nCOMP_WORDS=("$@") COMP_CWORD=$(($# - 1))\n${name}\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run("bash", ["-uc", program, "bash", ...words], { cwd: folder, env });
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .toSorted();
  }

  test("commands", async () => {
    const names = [...COMMANDS.map(({ name }) => name), "help"].toSorted();
    expect(await complete("")).toEqual(names);
    expect(await complete("help", "")).toEqual(names);
    expect(await complete("co")).toEqual(["completion", "conform"]);
    expect(await complete("x")).toEqual([]);
  });

  test("flags of the command", async () => {
    expect(await complete("generate", "--de")).toEqual(["--deps", "--deps-target"]);
    expect(await complete("lint", "--r")).toEqual(["--rule"]);
    expect(await complete("lint", "--")).toContain("--help");
    for (const { name, flags: described } of COMMANDS) {
      const flags = Object.keys(described).map((flag) => `--${flag}`);
      expect(await complete(name, "-")).toEqual([...flags, "--help", "--version"].toSorted());
    }
  });

  test("values of a flag, also after an equals sign", async () => {
    expect(await complete("generate", "specs", "--format", "")).toEqual(["frame", "github", "json", "plain", "sarif"]);
    expect(await complete("generate", "--format", "=", "j")).toEqual(["json"]);
    expect(await complete("generate", "--format", "=")).toEqual(["frame", "github", "json", "plain", "sarif"]);
    expect(await complete("generate", "--import-extension", ".")).toEqual([".js", ".ts"]);
    expect(await complete("generate", "--target", "s")).toEqual(["service"]);
    expect(await complete("generate", "--rename", "")).toEqual([]);
  });

  test("files and folders, with blanks too", async () => {
    expect(await complete("generate", "")).toEqual(["a lamp.xml", "fan.xml", "generated", "specs with blanks"]);
    expect(await complete("generate", "f")).toEqual(["fan.xml"]);
    expect(await complete("generate", "-o", "")).toEqual(["generated", "specs with blanks"]);
    expect(await complete("generate", "--out", "s")).toEqual(["specs with blanks"]);
    expect(await complete("mock", "fan.xml", "--values", "v")).toEqual(["values.json"]);
  });

  test("words of commands whose arguments are not files", async () => {
    expect(await complete("completion", "")).toEqual(["bash", "fish", "zsh"]);
    expect(await complete("explain", "signature-")).toEqual(["signature-length", "signature-single"]);
    expect(await complete("lint", "--rule", "doc")).toEqual(["docs"]);
    expect(await complete("conform", "--skip", "unk")).toEqual([
      "unknown-interface",
      "unknown-method",
      "unknown-property",
    ]);
    expect(await complete("conform", "--skip", "property-a")).toEqual(["property-access"]);
    expect(await complete("mock", "--template", "")).toEqual(["bluez", "logind", "networkmanager", "upower"]);
    expect(await complete("conform", "a.b", "/", "--bus", "")).toEqual(["session", "system"]);
    expect(await complete("init", "")).toEqual(["generated", "specs with blanks"]);
  });

  test("names on the bus of --bus, as the argument that is a name", async () => {
    await using bus = await startPrivateBus();
    const env = {
      ...process.env,
      DBUS_SESSION_BUS_ADDRESS: bus.address,
      DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/nowhere",
    };
    const names = (...words: readonly string[]) => completeLine("_dbus_codegen", ["dbus-codegen", ...words], env);
    const DBUS = "org.freedesktop.DBus";
    expect(await names("introspect", "org.freedesktop.D")).toEqual([DBUS]);
    expect(await names("introspect", "--bus", "system", "")).toEqual([]);
    expect(await names("introspect", "--bus", "=", bus.address, "org.freedesktop.D")).toEqual([DBUS]);
    expect(await names("conform", "--spec", "fan.xml", "org.freedesktop.D")).toEqual([DBUS]);
    expect(await names("add", "not")).toEqual(["notifications"]);
    expect(await names("add", "org.freedesktop.D")).toEqual([DBUS]);
  });

  test("objects of a running service, as the argument that is a path", async () => {
    await using daemon = await startPrivateBus();
    await using bus = await connect({ bus: daemon.address });
    await bus.requestName("org.example.Jukebox1");
    const paths = ["/org/example/Jukebox1", "/org/example/Jukebox1/tracks/a_1", "/other"];
    for (const path of paths) await bus.serve(path, new Files());
    await using many = await connect({ bus: daemon.address });
    await many.requestName("org.example.Many1");
    for (let index = 0; index < 600; index++) await many.serve(`/n${index}`, new Files());
    const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: daemon.address };
    const offered = (...words: readonly string[]) => completeLine("_dbus_codegen", ["dbus-codegen", ...words], env);

    const parents = ["/", "/org", "/org/example", "/org/example/Jukebox1/tracks"];
    expect(await offered("introspect", "org.example.Jukebox1", "")).toEqual([...parents, ...paths].toSorted());
    expect(await offered("conform", "--spec", "fan.xml", "org.example.Jukebox1", "/org/example/Jukebox1/")).toEqual([
      "/org/example/Jukebox1/tracks",
      "/org/example/Jukebox1/tracks/a_1",
    ]);
    expect(await offered("introspect", "--bus", "=", daemon.address, "org.example.Jukebox1", "/ot")).toEqual([
      "/other",
    ]);
    expect(
      await completeLine(
        "_dbus_codegen_npx",
        ["npx", "dbus-codegen", "introspect", "org.example.Jukebox1", "/ot"],
        env,
      ),
    ).toEqual(["/other"]);
    expect(await offered("introspect", "org.example.Jukebox1", "/other", "")).toEqual([]);
    expect(await offered("introspect", "org.example.Absent1", "/")).toEqual([]);
    expect(await offered("introspect", "$(touch /tmp/x).y", "/")).toEqual([]);
    expect(await offered("introspect", "org.example.Many1", "/")).toHaveLength(500);
  });

  test("behind npx, whose other command lines are completed as before", async () => {
    const npx = (...words: readonly string[]) => completeLine("_dbus_codegen_npx", ["npx", ...words]);
    expect(await npx("dbus-codegen", "co")).toEqual(["completion", "conform"]);
    expect(await npx("--no-install", "dbus-codegen", "generate", "f")).toEqual(["fan.xml"]);
    expect(await npx("dbus-codegen", "generate", "--format", "j")).toEqual(["json"]);
    expect(await npx("other", "dbus-codegen", "co")).toEqual([]);
    const before = "_other() { COMPREPLY=(other); }; complete -F _other npx";
    const program = `${before}\n${text}\n${text}\nCOMP_WORDS=(npx x) COMP_CWORD=1; _dbus_codegen_npx; echo "\${COMPREPLY[@]}"`;
    expect((await run("bash", ["-uc", program])).stdout).toBe("other\n");
  });

  test("loads as the help describes, and defines only functions", async () => {
    const program = `before=$(compgen -v); eval "$1"; complete -p dbus-codegen; diff <(echo "$before") <(compgen -v | grep -v '^before$')`;
    const { stdout } = await run("bash", ["-c", program, "bash", text]).catch((error: { stdout: string }) => error);
    expect(stdout).toContain("complete -F _dbus_codegen dbus-codegen");
    expect(stdout).not.toMatch(/cur|prev|IFS/);
  });
});

describe("zsh and fish", () => {
  test("zsh: every command with its flags, escaped", async () => {
    const text = await script("zsh");
    expect(text).toContain("#compdef dbus-codegen npx\n");
    expect(text).toContain(
      `        '(-o --out)'{-o,--out}'[output folder of the generated modules]:folder:_files -/' \\\n`,
    );
    expect(text).toContain(`        '*--target[class to generate, if not both]:word:(client service)' \\\n`);
    expect(text).toContain(`annotation\\: '\\''*.Play() org.example.Mark=yes'\\'']:text: ' \\\n`);
    expect(text).toContain("or an address such as unix\\:path=/run/bus]:word:(session system)'");
    expect(text).toContain(
      "        '1:bus name:_dbus_codegen_names' \\\n        '2:path:_dbus_codegen_paths' \\\n        '*:argument: '\n",
    );
    expect(text).toContain(`    'lint:Check specs against D-Bus API guidelines'\n`);
  });

  test("fish: every command with its flags, escaped", async () => {
    const text = await script("fish");
    const generate = "complete -c dbus-codegen -n '__fish_seen_subcommand_from generate'";
    expect(text).toContain(
      `${generate} -l out -s o -x -a '(__fish_complete_directories)' -d 'output folder of the generated modules'\n`,
    );
    expect(text).toContain(`${generate} -l target -x -a 'client service' -d 'class to generate, if not both'\n`);
    expect(text).toContain(`${generate} -l deps -r -F -d`);
    expect(text).toContain("'__fish_seen_subcommand_from introspect' -a '(__dbus_codegen_names)'\n");
  });

  test.each(["zsh", "fish"])("%s can parse it, where it is installed", async (shell) => {
    if (!has(shell)) return;
    const file = join(await temporaryFolder(), "script");
    await writeFile(file, await script(shell));
    await run(shell, ["-n", file]);
  });
});

test("rejects another shell", async () => {
  for (const argv of [[], ["csh"], ["bash", "zsh"], ["constructor"]])
    expect(await cli("/", "completion", ...argv)).toEqual({
      code: 2,
      out: "",
      err: "dbus-codegen: name one shell: dbus-codegen completion bash|zsh|fish\n",
    });
});
