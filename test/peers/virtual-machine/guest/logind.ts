import { strict as assert } from "node:assert";
import { inhibit, MANAGER } from "@dbus-codegen-ts/logind";
import { InhibitorMode, ManagerClient } from "@dbus-codegen-ts/logind/org.freedesktop.login1.Manager";
import { SessionClass, SessionClient, SessionState } from "@dbus-codegen-ts/logind/org.freedesktop.login1.Session";
import { type Bus, Variant } from "@dbus-codegen-ts/runtime";
import { runJob, unitProperties } from "@dbus-codegen-ts/systemd";
import { serviceManager, systemBus } from "./bus.ts";
import type { Check, Group } from "./check.ts";
import { until } from "./shell.ts";

export const LOGIND: Group = {
  name: "logind",
  async run(check) {
    await using bus = await systemBus();
    const manager = new ManagerClient(bus, MANAGER);
    await checkInhibitors(check, manager);
    await checkSessions(check, bus, manager);
  },
};

async function checkInhibitors(check: Check, manager: ManagerClient): Promise<void> {
  await check("an inhibitor holds a file descriptor", async () => {
    const request = {
      what: ["sleep", "shutdown"],
      who: "Backup",
      why: "Copies files",
      mode: InhibitorMode.Block,
    } as const;
    const inhibitor = await inhibit(manager, request);
    const [held] = (await manager.listInhibitors()).filter(({ who }) => who === request.who);
    assert.deepEqual(
      [held?.what, held?.why, held?.mode, held?.processId],
      ["shutdown:sleep", "Copies files", "block", process.pid],
    );
    assert.match(await manager.properties.blockInhibited.get(), /shutdown:sleep/);
    inhibitor[Symbol.dispose]();
    await until("it ends", async () => !(await manager.listInhibitors()).some(({ who }) => who === request.who));
    return `${held?.what} by ${held?.who} (${held?.mode}), which ends when it is disposed of`;
  });
}

/** States of a session after the user's service manager has started. Before, logind reports another state. */
const OPEN = [SessionState.Active, SessionState.Online] as const;

/** Logs a user in, as a login program does, by the PAM modules of a transient service. */
async function logIn(bus: Bus): Promise<void> {
  const manager = serviceManager(bus);
  const settings = {
    user: "tester",
    execStart: [{ path: "/bin/sleep", arguments: ["sleep", "600"] }],
    // A session without terminal would be one of a service in the background.
    environment: [`XDG_SESSION_CLASS=${SessionClass.User}`],
    extra: { PAMName: new Variant("s", "login"), StandardInput: new Variant("s", "null") },
  } as const;
  const job = () => manager.startTransientUnit("login.service", "fail", unitProperties(settings), []);
  assert.equal(await runJob(manager, job), "done");
}

async function checkSessions(check: Check, bus: Bus, manager: ManagerClient): Promise<void> {
  const { destination } = MANAGER;
  await check("a session of a user who logs in by PAM", async () => {
    await logIn(bus);
    const info = await until("the session exists", async () =>
      (await manager.listSessions()).find(({ userName }) => userName === "tester"),
    );
    const session = new SessionClient(bus, { destination, path: info.session });
    const values = await until("the session is open", async () => {
      const read = await session.$getAll();
      return OPEN.some((state) => state === read.state) ? read : undefined;
    });
    assert.deepEqual([info.userId, values.name, values.class], [1000, "tester", SessionClass.User]);
    let isLocked = false;
    await using _ = await session.signals.lock.subscribe(() => {
      isLocked = true;
    });
    await session.lock();
    await until("Lock is received", () => isLocked);
    await session.setLockedHint(true).catch(() => undefined);
    await manager.terminateSession(info.id);
    await until("it ends", async () => !(await manager.listSessions()).some(({ id }) => id === info.id));
    return `${info.id} of ${info.userName}, service ${values.service}, ${values.state}; Lock received; terminated`;
  });
}
