import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { connect } from "../../../runtime/core/index.ts";
import {
  lossyWriter,
  type Program,
  type ProgramFlags,
  parseChoice,
  type RunningProgram,
  runProgram,
} from "../../../runtime/core/program.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import { Vault } from "./fixtures/vault.ts";

const FLAGS = {
  label: { type: "string", value: "<text>", help: "what is written on it" },
  metal: { type: "string", value: "<metal>", help: "steel (default) or tin" },
} as const satisfies ProgramFlags;

/** A program that serves a vault. */
const VAULTD: Program<typeof FLAGS> = {
  name: "vaultd",
  version: "1.2.3",
  about: "Serves a vault.",
  notes: "It prints its bus name when it is ready.",
  flags: FLAGS,
  async serve({ label, metal = "steel" }, program) {
    if (parseChoice("--metal", ["steel", "tin"], metal) === "tin") program.reportError(new Error("tin\n bends"));
    await using bus = await connect({ bus: program.bus, onError: program.reportError });
    await using _ = await bus.serve("/org/example/Vault1", new Vault(label));
    await using name = await bus.requestName("org.example.Vault1");
    program.reportReady(name.name);
    await program.untilStopped(bus);
  },
};

/** Runs the program in this process until `stop` is called. */
function run(...argv: readonly string[]) {
  const said = { out: "", talk: "" };
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const hear = (stream: keyof typeof said) => (text: string) => {
    said[stream] += text;
  };
  return { said, stop, code: runProgram(VAULTD, argv, { print: hear("out"), printError: hear("talk"), stopped }) };
}

test("serves until it is requested to end, and prints each error on one line", async () => {
  await using daemon = await startPrivateBus();
  const { said, stop, code } = run("--bus", daemon.address, "--label", "yours", "--metal", "tin");
  await expect.poll(() => said.out).toBe("org.example.Vault1\n");
  await using bus = await connect({ bus: daemon.address });
  const target = { destination: "org.example.Vault1", path: "/org/example/Vault1" };
  const label = { interface: "org.freedesktop.DBus.Properties", member: "Get" };
  const [value] = await bus.call({ ...target, ...label, signature: "ss", args: ["org.example.Vault1", "Label"] });
  expect(value).toMatchObject({ value: "yours" });
  stop();
  expect([await code, said.talk]).toEqual([0, "vaultd: tin bends\n"]);
});

test("ends when the bus is lost or cannot be reached", async () => {
  const daemon = await startPrivateBus();
  const { said, code } = run("--bus", daemon.address);
  await expect.poll(() => said.out).not.toBe("");
  await daemon.stop();
  expect([await code, said.talk]).toEqual([1, expect.stringMatching(/^vaultd: .+\n$/)]);
  expect(await run("--bus", "unix:path=/nowhere").code).toBe(1);
});

test.each([
  [["--version"], 0, "1.2.3\n", ""],
  [["--metal", "gold"], 2, "", 'vaultd: --metal is one of steel, tin, not "gold"\n'],
  [["--nonsense"], 2, "", expect.stringContaining("vaultd: Unknown option '--nonsense'")],
  [["argument"], 2, "", expect.stringContaining("vaultd: Unexpected argument 'argument'")],
])("%j", async (argv, code, out, talk) => {
  const ran = run(...argv);
  expect([await ran.code, ran.said.out, ran.said.talk]).toEqual([code, out, talk]);
});

test("has no version flag without a version", async () => {
  const { version: _, ...unversioned } = VAULTD;
  const printed: string[] = [];
  const shell = {
    print: (text: string) => printed.push(text),
    printError: (text: string) => printed.push(text),
    stopped: Promise.resolve(),
  };
  expect(await runProgram(unversioned, ["--version"], shell)).toBe(2);
  expect(await runProgram(unversioned, ["--help"], shell)).toBe(0);
  expect(printed).toEqual([
    expect.stringContaining("Unknown option '--version'"),
    expect.not.stringContaining("--version"),
  ]);
});

test("prints its help for --help", async () => {
  const { said, code } = run("-h");
  expect(await code).toBe(0);
  expect(said.out).toBe(`Serves a vault.

Usage:
  vaultd [flags]

Flags:
      --label <text>            what is written on it
      --metal <metal>           steel (default) or tin
      --bus <bus>               session (default), system, or an address such as unix:path=/run/bus
  -h, --help                    show this help
  -V, --version                 show the version

It prints its bus name when it is ready.

Exit code: 0 stopped by a signal, 1 something cannot be used or was lost, 2 wrong usage.
`);
});

test.each([
  ["several lines", new Error("tin \n  bends\r\n\n"), "tin bends"],
  ["100,000 spaces", new Error(`${" ".repeat(100_000)}tin`), "tin"],
  ["control characters", new Error("\u001b[2Jtin\u202e\u0000"), "\\u{1b}[2Jtin\\u{202e}\\u{0}"],
  ["a revoked Proxy", revokedProxy(), "an error without a text"],
  ["an Error whose message is a symbol", Object.assign(new Error(), { message: Symbol("tin") }), "Symbol(tin)"],
  ["a symbol", Symbol("tin"), "Symbol(tin)"],
])("an error is one line: %s", async (_, error, line) => {
  const errors: string[] = [];
  const shell = { print: () => undefined, printError: (text: string) => errors.push(text), stopped: Promise.resolve() };
  const serve = (_values: unknown, { reportError }: RunningProgram): Promise<void> => {
    reportError(error);
    return Promise.resolve();
  };
  expect(await runProgram({ ...VAULTD, serve }, [], shell)).toBe(0);
  expect(errors).toEqual([`vaultd: ${line}\n`]);
});

function revokedProxy(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test.each(["EPIPE", "ENOSPC", "EIO"])(
  "output that fails with %s, at once or later, is lost and has no effect",
  async (code) => {
    const failure = Object.assign(new Error(code), { code });
    const written: string[] = [];
    const later = lossyWriter(
      new Writable({
        write: (chunk, _encoding, done) => {
          written.push(String(chunk));
          setImmediate(done, failure);
        },
      }),
    );
    const atOnce = lossyWriter(
      Object.assign(new Writable(), {
        write: () => {
          throw failure;
        },
      }),
    );
    for (const write of [later, atOnce]) {
      write("first");
      await new Promise((resolve) => setTimeout(resolve, 5));
      write("second");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(written).toEqual(["first"]);
  },
);
