import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { connect, DisconnectedError } from "../../../../runtime/core/index.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";

afterEach(() => vi.unstubAllEnvs());

test("the session bus is found at XDG_RUNTIME_DIR if no address is set", async () => {
  const folder = mkdtempSync(join(tmpdir(), "runtime-dir-"));
  await using daemon = await startPrivateBus({ path: join(folder, "bus") });
  vi.stubEnv("DBUS_SESSION_BUS_ADDRESS", undefined);
  vi.stubEnv("XDG_RUNTIME_DIR", folder);
  await using bus = await connect();
  expect(bus.uniqueName).toBe(":1.0");
  await daemon.stop();
  rmSync(folder, { recursive: true });
  vi.stubEnv("XDG_RUNTIME_DIR", undefined);
  await expect(connect()).rejects.toThrow("neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set");
});

/** Passes the messages between a socket and the standard streams, as `systemd-stdio-bridge` does. */
const BRIDGE = `const socket = require("node:net").createConnection(process.argv[1]);
process.stdin.pipe(socket).pipe(process.stdout);`;

test("a bus is reached through a program (unixexec:)", async () => {
  const escaped = (text: string): string => encodeURIComponent(text).replaceAll("'", "%27");
  await using daemon = await startPrivateBus();
  const [, path = ""] = /(?:path|abstract)=([^,]*)/.exec(daemon.address) ?? [];
  const args = ["-e", BRIDGE, daemon.address.startsWith("unix:abstract") ? `\0${path}` : path];
  const keys = args.map((arg, index) => `argv${index + 1}=${escaped(arg)}`).join(",");
  const bus = await connect({ bus: `unixexec:path=${escaped(process.execPath)},${keys}` });
  const daemonName = "org.freedesktop.DBus";
  const [names] = await bus.call({ destination: daemonName, path: "/", interface: daemonName, member: "ListNames" });
  expect(names).toContain(bus.uniqueName);
  await bus.close();
});

test("a program that does not exist, or ends, cannot be connected to", async () => {
  await expect(connect({ bus: "unixexec:path=/nonexistent/program" })).rejects.toThrow("ENOENT");
  await expect(connect({ bus: "unixexec:path=/bin/true" })).rejects.toThrow(DisconnectedError);
});
