import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ManagerClient } from "../../../generator/catalogue/logind/generated/org.freedesktop.login1.Manager.ts";
import { MANAGER } from "../../../generator/catalogue/logind/index.ts";
import { koffiFolder } from "../../runtime/core/fixtures/koffi.ts";
import { programArguments } from "../../setup/program.ts";
import { type RunningDaemon, startDaemon, whyNot } from "./daemon.ts";
import { HEAD, type Row } from "./row.ts";
import { serveServiceManager } from "./service-manager.ts";

const PROGRAM = "/lib/systemd/systemd-logind";
const LOGIN = fileURLToPath(new URL("login-session.ts", import.meta.url));

/** Starts logind with empty folders in a separate mount namespace, without terminals and devices of this machine. */
const SCRIPT = `mount -t tmpfs none /run && mount -t tmpfs none /var/lib/systemd && mount -t tmpfs none /dev
for folder in inhibit sessions seats users; do mkdir -p /run/systemd/$folder; done
mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9 && exec ${PROGRAM}`;

/** systemd-logind with a session. Inhibitors and sessions are file descriptors, so the programs need koffi. */
export const LOGIND_ROW: Row = {
  api: "logind",
  daemon: "systemd-logind",
  busName: MANAGER.destination,
  notWritten: "The API has no dictionary.",
  get missing() {
    return whyNot([PROGRAM]) ?? (koffiFolder() === undefined ? "koffi is not installed" : undefined);
  },
  start: startWithSession,
  get environment() {
    return { NODE_PATH: koffiFolder() ?? "" };
  },
  program: `import { closeSync } from "node:fs";
${HEAD}import { InhibitorMode, ManagerClient, ShutdownType } from "./org.freedesktop.login1.Manager.js";
import { NoSuchSeatError } from "./org.freedesktop.login1.js";
import { SessionClient, SessionType } from "./org.freedesktop.login1.Session.js";
const destination = "org.freedesktop.login1";
const manager = new ManagerClient(bus, { destination, path: "/org/freedesktop/login1" });
const { properties } = manager;
await manager.scheduleShutdown(ShutdownType.DryReboot, BigInt(Date.now() + 86_400_000) * 1000n);
const { type } = await properties.scheduledShutdown.get();
await manager.cancelScheduledShutdown();
await properties.wallMessage.set("Maintenance");
const descriptor = await manager.inhibit("sleep", "Test", "Reads", InhibitorMode.Delay);
const [inhibitor] = await manager.listInhibitors();
closeSync(descriptor);
while ((await manager.listInhibitors()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
const [info] = await manager.listSessions();
const session = new SessionClient(bus, { destination, path: info?.session ?? "/" });
await session.setLockedHint(true);
const isTty = (await session.properties.type.get()) === SessionType.TTY;
const error = await manager.getSeat("seat7").catch((reason: unknown) => reason);
console.log(type, (await properties.scheduledShutdown.get()).type === ShutdownType.None, await properties.wallMessage.get());
console.log(inhibitor?.what, inhibitor?.mode, info?.userName, isTty, await session.properties.lockedHint.get());
console.log(NoSuchSeatError.errorName === Reflect.get(Object(error), "errorName"));
`,
  prints: /^reboot true Maintenance\nsleep delay root true true\ntrue$/m,
  objects: [
    {
      path: MANAGER.path,
      calls: ["ListSessions", "ListUsers", "ListSeats", "ListInhibitors", "CanSuspend", "CanPowerOff"].map(
        (method) => ({
          interface: "org.freedesktop.login1.Manager",
          method,
        }),
      ),
    },
    { path: `${MANAGER.path}/seat/seat0` },
    { path: `${MANAGER.path}/user/_0` },
    { path: async (bus) => (await new ManagerClient(bus, MANAGER).listSessions())[0]?.session ?? "/" },
  ],
};

async function startWithSession(): Promise<RunningDaemon> {
  const daemon = await startDaemon({
    needs: [PROGRAM],
    busName: MANAGER.destination,
    command: () => ["unshare", "--mount", "--net", "sh", "-c", SCRIPT],
    prepare: serveServiceManager,
  });
  const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: daemon.address, NODE_PATH: koffiFolder() ?? "" };
  const login = spawn(process.execPath, programArguments(LOGIN), { env, stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(login, "exit");
  const stop = async (): Promise<void> => {
    login.stdin.end();
    await exited;
    await daemon[Symbol.asyncDispose]();
  };
  const [line] = await Promise.race([once(login.stdout, "data"), exited]);
  if (!String(line).startsWith("/")) {
    await stop();
    throw new Error("no session was created");
  }
  return { ...daemon, [Symbol.asyncDispose]: stop };
}
