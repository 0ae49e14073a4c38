import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import type { ProgramShell } from "@dbus-codegen-ts/runtime/program";
import { ConnectionPresenceType } from "@dbus-codegen-ts/stubs/generic-types";
import { AccountClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { AccountManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import { ConnectionStatus } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newAccountSettings } from "../../../runtime/telepathy/accounts/account-settings.ts";
import { FileStore } from "../../../runtime/telepathy/accounts/file-store.ts";
import { main } from "../../../runtime/telepathy/cli.ts";
import { findConnectionManagers, RemoteManager } from "../../../runtime/telepathy/client/remote-manager.ts";
import { startStockBus } from "../../reliability/stock-bus.ts";
import { endsWithUs, nextLine } from "../../reliability/support.ts";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { programArguments } from "../../setup/program.ts";

const PROGRAM = fileURLToPath(new URL("programs/connection-manager.ts", import.meta.url));
const COMMAND = [process.execPath, ...programArguments(PROGRAM)];

const MKFIFO = "mkfifo";
const ACCOUNTS = join(tmpdir(), `accounts-${process.pid}`);

/** Runs the connection manager with arguments until it exits. */
async function run(...argv: readonly string[]) {
  const output = { out: "", talk: "" };
  const shell: ProgramShell = {
    print: (words) => {
      output.out += words;
    },
    printError: (words) => {
      output.talk += words;
    },
    stopped: new Promise(() => undefined),
  };
  return { code: await main(["--no-warm-up", ...argv], shell), ...output };
}

let daemon: PrivateBus;
beforeAll(async () => {
  daemon = await startPrivateBus();
});
afterAll(async () => {
  await daemon?.stop();
  await rm(ACCOUNTS, { recursive: true, force: true });
});

test("--help lists the flags, and --version prints the version", async () => {
  const help = await run("--help");
  expect([help.code, help.talk]).toEqual([0, ""]);
  for (const flag of ["--protocol <name>", "--bus <bus>", "--name <name>", "-h, --help", "-V, --version"]) {
    expect(help.out).toContain(flag);
  }
  const bin = fileURLToPath(
    new URL("../../../runtime/telepathy/bin/dbus-codegen-connection-manager.js", import.meta.url),
  );
  expect(execFileSync(process.execPath, [bin, "-V"], { encoding: "utf8" })).toBe("0.1.0\n");
});

test.each([
  [["--protocol", "xmpp"], "--protocol is one of loopback"],
  [["--dialect", "telepathy-2"], "--dialect is one of telepathy-1-2012, telepathy-1-2013, telepathy-0"],
  [["--dialect", "telepathy-1-2012", "--dialect", "telepathy-1-2013"], "use the same names on the bus"],
  [["--print", "nothing"], "--print is one of manager, service, accounts-service"],
  [["--print", "accounts-service"], "--print accounts-service needs --accounts"],
  [["--print", "manager", "--dialect", "telepathy-0", "--dialect", "telepathy-1-2012"], "--print takes one --dialect"],
  [["--name", "no-name"], '--name takes letters, digits and underscores, not "no-name"'],
  [["--nonsense"], "Unknown option '--nonsense'"],
  [["--quota", "connections=none"], "with one of connectionsPerClient, connectionsPerUser, connections, "],
  [["argument"], "Unexpected argument 'argument'"],
])("%j is reported as wrong usage in one line", async (argv, message) => {
  const { code, out, talk } = await run(...argv);
  expect([code, out]).toEqual([2, ""]);
  expect(talk).toMatch(/^dbus-codegen-connection-manager: [^\n]+\n$/);
  expect(talk).toContain(message);
});

test.each([
  ["a bus that does not exist", "unix:path=/nonexistent/bus"],
  ["an invalid address", "nonsense"],
])("%s is reported in one line", async (_, bus) => {
  const { code, talk } = await run("--bus", bus);
  expect(code).toBe(1);
  expect(talk).toMatch(/^dbus-codegen-connection-manager: [^\n]+\n$/);
});

test("a name with another owner is reported", async () => {
  await using bus = await connect({ bus: daemon.address });
  await bus.requestName("im.telepathy1.ConnectionManager.taken");
  const { code, talk } = await run("--bus", daemon.address, "--name", "taken");
  expect(code).toBe(1);
  expect(talk).toContain("another connection owns the name im.telepathy1.ConnectionManager.taken");
});

describe("--print", () => {
  const dialect = ["--dialect", "telepathy-0"];

  test("manager: the protocols and their parameters, as other connection managers install them", async () => {
    const { code, out, talk } = await run("--print", "manager", "--protocol", "irc", "--name", "own", ...dialect);
    expect([code, talk]).toEqual([0, ""]);
    expect(out).toBe(`[ConnectionManager]
Name=own
BusName=org.freedesktop.Telepathy.ConnectionManager.own
ObjectPath=/org/freedesktop/Telepathy/ConnectionManager/own

[Protocol irc]
param-account=s required
param-server=s required
param-port=q
param-password=s secret
param-fullname=s
param-username=s
param-ident=s
param-use-ssl=b
param-require-encryption=b
param-quit-message=s
param-keepalive-interval=u
default-use-ssl=false
default-require-encryption=false
default-quit-message=
default-keepalive-interval=30
EnglishName=IRC
Icon=im-irc
VCardField=x-irc
ConnectionInterfaces=org.freedesktop.Telepathy.Connection.Interface.Requests;org.freedesktop.Telepathy.Connection.Interface.Contacts;org.freedesktop.Telepathy.Connection.Interface.SimplePresence;org.freedesktop.Telepathy.Connection.Interface.Aliasing;org.freedesktop.Telepathy.Connection.Interface.Renaming;
`);
  });

  test.each([
    ["service", "org.freedesktop.Telepathy.ConnectionManager.dbus_codegen"],
    ["accounts-service", "org.freedesktop.Telepathy.AccountManager"],
  ])("%s: the command that starts the program with the same flags", async (file, name) => {
    const flags = ["--protocol", "irc", ...dialect, "--accounts", "/tmp/Bob's accounts", "--quota", "accounts=5"];
    const { code, out } = await run("--print", file, ...flags);
    expect(code).toBe(0);
    const lines = out.split("\n");
    expect(lines.slice(0, 2)).toEqual(["[D-BUS Service]", `Name=${name}`]);
    expect(lines[2]).toContain(
      " --protocol irc --dialect telepathy-0 --name dbus_codegen --accounts '/tmp/Bob'\\''s accounts' --quota accounts=5",
    );
  });
});

describe("the program", () => {
  function start(...flags: readonly string[]) {
    const [program = "", ...args] = [...COMMAND, "--bus", daemon.address, ...flags];
    return endsWithUs(spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] }));
  }

  test.each(["SIGTERM", "SIGINT"] as const)("%s disconnects all connections and ends with code 0", async (signal) => {
    const program = start("--protocol", "loopback", "--name", "own");
    expect(await nextLine(program)).toBe("im.telepathy1.ConnectionManager.own");
    await using bus = await connect({ bus: daemon.address });
    await using connection = await new RemoteManager(bus, "own").connect("loopback", { account: "me" });
    program.kill(signal);
    const [code] = await once(program, "exit");
    expect([code, (await connection.ended).isRequested]).toEqual([0, true]);
    expect(await findConnectionManagers(bus)).toEqual([]);
  });

  test("prints one name for each dialect, and serves all", async () => {
    const program = start("--dialect", "telepathy-0", "--dialect", "telepathy-1-2013", "--name", "both");
    const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
    const names = [(await lines.next()).value, (await lines.next()).value];
    expect(names).toEqual(["org.freedesktop.Telepathy.ConnectionManager.both", "im.telepathy1.ConnectionManager.both"]);
    await using bus = await connect({ bus: daemon.address });
    await using connection = await new RemoteManager(bus, "both", "org.freedesktop.Telepathy").connect("loopback", {
      account: "me",
    });
    expect(connection.target.path).toBe("/org/freedesktop/Telepathy/Connection/both/loopback/me");
    program.kill("SIGTERM");
    await once(program, "exit");
  });

  test.each([[[]], [["--accounts", ACCOUNTS]]])("the loss of the bus ends it with code 1 %j", async (flags) => {
    await using own = await startPrivateBus();
    const program = start("--bus", own.address, ...flags);
    await nextLine(program);
    const talk = text(program.stderr);
    const ended = once(program, "exit");
    await own.stop("SIGKILL");
    const [code] = await ended;
    expect(code).toBe(1);
    expect(await talk).toMatch(/^(dbus-codegen-connection-manager: [^\n]+\n)+$/);
  });
});

test("stored accounts are brought online by each run", async () => {
  const folder = await mkdtemp(join(tmpdir(), "accounts-"));
  const start = () => {
    const [program = "", ...args] = [...COMMAND, "--bus", daemon.address, "--accounts", folder];
    return endsWithUs(spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] }));
  };
  const accounts = { destination: "im.telepathy1.AccountManager", path: "/im/telepathy1/AccountManager" };
  await using bus = await connect({ bus: daemon.address });
  const create = async (): Promise<string> => {
    const online = { type: ConnectionPresenceType.Available, status: "available", statusMessage: "" };
    return new AccountManagerClient(bus, accounts).createAccount(
      "dbus_codegen",
      "loopback",
      "Me",
      { account: "me" },
      { enabled: true, connectAutomatically: true, requestedPresence: online },
    );
  };
  const connected = async (path: string): Promise<boolean> => {
    const account = new AccountClient(bus, { ...accounts, path });
    return (await account.properties.connectionStatus.get()) === ConnectionStatus.Connected;
  };
  let path = "";
  for (const isFirst of [true, false]) {
    const program = start();
    const ended = once(program, "exit");
    await nextLine(program);
    if (isFirst) path = await create();
    while (!(await connected(path))) await new Promise((resolve) => setTimeout(resolve, 5));
    program.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  }
  await rm(folder, { recursive: true });
});

test("damaged account files are reported, and the other accounts are served", async () => {
  const folder = await mkdtemp(join(tmpdir(), "accounts-"));
  const name = { manager: "dbus_codegen", protocol: "loopback", id: "good" };
  const store = new FileStore({ folder });
  await store.load();
  await store.save({
    name,
    settings: newAccountSettings("", new Map([["account", new Variant("s", "me")]]), new Map()),
  });
  const content = await readFile(join(folder, "accounts/dbus_codegen.loopback.good.json"), "utf8");
  const damaged = content.replace('"nickname": ""', '"nickname": "\\u0000"').replace('"id": "good"', '"id": "nul"');
  await writeFile(join(folder, "accounts/dbus_codegen.loopback.nul.json"), damaged);
  execFileSync(MKFIFO, [join(folder, "accounts/dbus_codegen.loopback.pipe.json")]);
  const [program = "", ...args] = [...COMMAND, "--bus", daemon.address, "--accounts", folder];
  const child = endsWithUs(spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] }));
  const errors = text(child.stderr);
  await nextLine(child);
  await using bus = await connect({ bus: daemon.address });
  const accounts = { destination: "im.telepathy1.AccountManager", path: "/im/telepathy1/AccountManager" };
  const paths = await new AccountManagerClient(bus, accounts).properties.validAccounts.get();
  expect(paths).toEqual(["/im/telepathy1/Account/dbus_codegen/loopback/good"]);
  child.kill("SIGTERM");
  const lines = (await errors).trimEnd().split("\n").sort();
  const file = `dbus-codegen-connection-manager: ${folder}/accounts/dbus_codegen.loopback`;
  expect(lines).toEqual([
    `${file}.nul.json cannot be used: nickname is "\\u0000"`,
    `${file}.pipe.json cannot be used: not a regular file`,
  ]);
  await rm(folder, { recursive: true });
});

/** Runs a function with a client of a private bus, which has one service file. */
async function withActivation(name: string, file: string, run: (bus: Bus) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "activation-"));
  await mkdir(join(folder, "dbus-1/services"), { recursive: true });
  await writeFile(join(folder, `dbus-1/services/${name}.service`), file);
  const before = process.env["XDG_DATA_HOME"];
  process.env["XDG_DATA_HOME"] = folder;
  try {
    await using stock = await startStockBus();
    await using bus = await connect({ bus: stock.address });
    await run(bus);
  } finally {
    if (before === undefined) delete process.env["XDG_DATA_HOME"];
    else process.env["XDG_DATA_HOME"] = before;
    await rm(folder, { recursive: true });
  }
}

/** Returns a command for a service file, with each word in quotes. */
function quoted(command: readonly string[]): string {
  return command.map((word) => `"${word}"`).join(" ");
}

test.each([
  ["its installed service file", "im.telepathy1", "telepathy-1-2012"],
  ["the service file that it prints", "org.freedesktop.Telepathy", "telepathy-0"],
] as const)("the bus activates it by %s", async (_, root, dialect) => {
  const name = `${root}.ConnectionManager.dbus_codegen`;
  const installed = new URL(`../../../runtime/telepathy/system/${name}.service`, import.meta.url);
  const [program = "", ...args] = [...COMMAND, "--dialect", dialect, "--print", "service"];
  const file =
    dialect === "telepathy-0"
      ? execFileSync(program, args, { encoding: "utf8" })
      : (await readFile(installed, "utf8")).replace(/^Exec=\S+/m, `Exec=${quoted(COMMAND)} --bus session`);
  await withActivation(name, file, async (bus) => {
    const managers = async () => (await findConnectionManagers(bus)).filter((manager) => manager.root === root);
    expect(await managers()).toContainEqual({ name: "dbus_codegen", root, isRunning: false });
    await using connection = await new RemoteManager(bus, "dbus_codegen", root).connect("loopback", { account: "me" });
    expect(connection.isConnected).toBe(true);
    expect(await managers()).toContainEqual({ name: "dbus_codegen", root, isRunning: true });
  });
});
