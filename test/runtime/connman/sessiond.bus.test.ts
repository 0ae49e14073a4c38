import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import type { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { expect, test } from "vitest";
import { main } from "../../../runtime/connman/cli.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";

/** Runs the program in this process until `stop` is called. */
function run(...argv: readonly string[]) {
  let stop = (): void => undefined;
  const printed: string[] = [];
  const complaints: string[] = [];
  const code = main(argv, {
    print: (text) => void printed.push(text),
    printError: (text) => void complaints.push(text),
    stopped: new Promise((resolve) => {
      stop = resolve;
    }),
  });
  return { code, printed, complaints, stop };
}

class Listener extends NotificationService {
  readonly received: unknown[] = [];

  update({ state, connectionType }: SessionSettings): void {
    this.received.push({ state, connectionType });
  }

  release(): void {
    this.received.push("Release");
  }
}

test.each([
  { argv: ["--nonsense"], complaint: /Unknown option '--nonsense'/ },
  { argv: ["extra"], complaint: /Unexpected argument 'extra'/ },
  { argv: ["--network", "moon"], complaint: 'networkd, linux, not "moon"' },
  { argv: ["--dialect", "x"], complaint: 'session-2017, session-2013, session-2011, connman-1.41, not "x"' },
  {
    argv: ["--routing"],
    complaint: "--routing needs --network auto or networkmanager or connman or networkd or linux",
  },
  { argv: ["--network-bus", "system"], complaint: "--network-bus needs --network connman" },
  { argv: ["--network", "linux", "--bearer", "eth0=moon"], complaint: 'not "eth0=moon"' },
  { argv: ["--online", "assume"], complaint: "--online needs --network linux or networkd or auto" },
  { argv: ["--network", "networkmanager", "--online", "assume"], complaint: "--online needs --network linux" },
  { argv: ["--state-dir", "/x"], complaint: "--state-dir needs --network linux" },
  { argv: ["--keep-down"], complaint: "--keep-down needs --network linux or auto" },
  { argv: ["--network", "linux", "--online", "ftp://x"], complaint: 'none, assume or an http URL, not "ftp://x"' },
  { argv: ["--quota", "sessions"], complaint: "--quota takes <name>=<number> with one of sessionsPerClient, " },
  { argv: ["--quota", "toString=1"], complaint: 'not "toString=1"' },
  { argv: ["--quota", "sessions=0"], complaint: 'not "sessions=0"' },
  { argv: ["--quota", "sessions=1e3"], complaint: 'not "sessions=1e3"' },
])("$argv is wrong usage: exit code 2", async ({ argv, complaint }) => {
  const { code, complaints } = run(...argv);
  expect(await code).toBe(2);
  expect(complaints.join()).toMatch(complaint);
});

test("--help names every flag, --version the version", async () => {
  const help = run("--help");
  expect(await help.code).toBe(0);
  for (const flag of ["--bus", "--network", "--dialect", "--policy-dir", "--online", "--routing", "--polkit"]) {
    expect(help.printed.join()).toContain(flag);
  }
  const version = run("--version");
  expect(await version.code).toBe(0);
  expect(version.printed).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
});

test("without a bus: exit code 1 and a one-line error", async () => {
  const { code, complaints } = run("--bus", "unix:path=/nonexistent");
  expect(await code).toBe(1);
  expect(complaints).toEqual([expect.stringContaining("cannot connect to the unix:path=/nonexistent bus")]);
});

test("serves sessions until it is stopped, then releases them: exit code 0", async () => {
  await using daemon = await startPrivateBus();
  const folder = await mkdtemp(join(tmpdir(), "policies-"));
  await writeFile(join(folder, "root.policy"), `[policy]\nuid = ${process.getuid?.()}\nConnectionType = local\n`);
  await writeFile(join(folder, "broken.policy"), "[policy]\nuid = 1\nAllowedBearers = moon\n");
  const program = run("--bus", daemon.address, "--policy-dir", folder);
  await expect.poll(() => program.printed).toEqual(["net.connman\n"]);
  expect(program.complaints).toEqual([expect.stringMatching(/broken\.policy:3:18: .*moon/)]);

  await using client = await connect({ bus: daemon.address });
  const listener = new Listener();
  await client.serve("/n", listener);
  await new ManagerClient(client, { destination: "net.connman", path: "/" }).createSession({}, "/n");
  await expect.poll(() => listener.received).toEqual([{ state: "connected", connectionType: "local" }]);
  program.stop();
  expect(await program.code).toBe(0);
  await expect.poll(() => listener.received.at(-1)).toBe("Release");
  await rm(folder, { recursive: true });
});

test("--quota limits the sessions of a user", async () => {
  await using daemon = await startPrivateBus();
  const program = run("--bus", daemon.address, "--quota", "sessionsPerUser=2", "--quota", "sessionsPerClient=1");
  await expect.poll(() => program.printed).toEqual(["net.connman\n"]);
  const outcomes: string[] = [];
  await using first = await connect({ bus: daemon.address });
  await using second = await connect({ bus: daemon.address });
  await using third = await connect({ bus: daemon.address });
  for (const [client, notifier] of [
    [first, "/a"] as const,
    [first, "/b"] as const,
    [second, "/a"] as const,
    [third, "/a"] as const,
  ]) {
    const manager = new ManagerClient(client, { destination: "net.connman", path: "/" });
    const created = manager.createSession({}, notifier);
    outcomes.push(
      await created.then(
        () => "done",
        (error: Error) => error.message,
      ),
    );
  }
  expect(outcomes).toEqual(["done", "a client may have 1 sessions", "done", "a user may have 2 sessions"]);
  program.stop();
  expect(await program.code).toBe(0);
});

test("another connection owns net.connman: exit code 1", async () => {
  await using daemon = await startPrivateBus();
  await using other = await connect({ bus: daemon.address });
  await other.requestName("net.connman");
  const { code, complaints } = run("--bus", daemon.address);
  expect(await code).toBe(1);
  expect(complaints.join()).toMatch(/net\.connman/);
});

test("--network connman serves sessions in front of a ConnMan on another bus", async () => {
  await using behind = await startPrivateBus();
  await using front = await startPrivateBus();
  const connman = run("--bus", behind.address);
  await expect.poll(() => connman.printed).toEqual(["net.connman\n"]);
  const program = run("--bus", front.address, "--network", "connman", "--network-bus", behind.address);
  await expect.poll(() => program.printed).toEqual(["net.connman\n"]);
  await using client = await connect({ bus: front.address });
  const manager = new ManagerClient(client, { destination: "net.connman", path: "/" });
  expect((await manager.getServices()).map(({ properties }) => properties.name)).toEqual(["Wired", "Home"]);
  const listener = new Listener();
  await client.serve("/n", listener);
  await manager.createSession({}, "/n");
  await expect.poll(() => listener.received).toEqual([{ state: "online", connectionType: "any" }]);
  connman.stop();
  await expect.poll(() => listener.received.at(-1)).toMatchObject({ state: "disconnected" });
  for (const { stop } of [program, connman]) stop();
  expect([await connman.code, await program.code, program.complaints]).toEqual([0, 0, []]);
});

test("--network connman on the bus of the sessions: exit code 1", async () => {
  await using daemon = await startPrivateBus();
  const { code, complaints } = run("--bus", daemon.address, "--network", "connman", "--network-bus", daemon.address);
  expect(await code).toBe(1);
  expect(complaints.join()).toContain("their buses must be different");
});

test("the bus is lost: exit code 1", async () => {
  const daemon = await startPrivateBus();
  const program = run("--bus", daemon.address);
  await expect.poll(() => program.printed).toEqual(["net.connman\n"]);
  await daemon.stop("SIGKILL");
  expect(await program.code).toBe(1);
  expect(program.complaints).toEqual([expect.stringContaining("the bus closed the connection")]);
});
