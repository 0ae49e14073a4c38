import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { connect } from "@dbus-codegen-ts/runtime";
import { describe, expect, test } from "vitest";
import { endsWithUs } from "../../../reliability/support.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { App, CABLE, refusal } from "../support.ts";

const hasPrograms = spawnSync("/usr/bin/python3", ["-c", "import dbus"]).status === 0;
const missing = process.getuid?.() !== 0 ? "needs root" : hasPrograms ? undefined : "not installed: python3-dbus";

/** Uids of users that every Debian system has. The bus looks up the groups of its clients, so the users must exist. */
const GAMES = 5;
const NOBODY = 65_534;

describe.skipIf(missing !== undefined)(`users of the session service${missing ? ` (skipped: ${missing})` : ""}`, () => {
  test("a user that has used up its quota, with several connections, does not affect another user", async () => {
    await using daemon = await startPrivateBus({ everyUser: true });
    await using bus = await connect({ bus: daemon.address });
    await using network = new SimulatedNetwork([CABLE]);
    await using server = await serveSessions(bus, { network, quotas: { sessionsPerUser: 20, sessions: 50 } });
    const [first, second] = await Promise.all([
      createSessionsAs(GAMES, daemon.address, 17, 3),
      createSessionsAs(NOBODY, daemon.address, 3, 5),
    ]);
    expect([first, second]).toEqual([
      { created: 20, refused: 31 },
      { created: 15, refused: 0 },
    ]);
    await expect.poll(() => server.sessions).toBe(0);
    await using client = await connect({ bus: daemon.address });
    expect(await refusal(new App(client).create())).toBe("done");
  });
});

/**
 * Creates sessions as a user over several connections. Returns how many calls succeeded, and how many exceeded a quota.
 */
async function createSessionsAs(
  uid: number,
  address: string,
  connections: number,
  sessions: number,
): Promise<{ readonly created: number; readonly refused: number }> {
  const program = `
import dbus, dbus.bus, json
counts = {"created": 0, "refused": 0}
buses = [dbus.bus.BusConnection("${address}") for _ in range(${connections})]
for bus in buses:
    manager = dbus.Interface(bus.get_object("net.connman", "/"), "net.connman.Manager")
    for number in range(${sessions}):
        try:
            manager.CreateSession(dbus.Dictionary({}, signature="sv"), dbus.ObjectPath("/n%d" % number))
            counts["created"] += 1
        except dbus.DBusException as error:
            if error.get_dbus_name() != "org.freedesktop.DBus.Error.LimitsExceeded": raise
            counts["refused"] += 1
print(json.dumps(counts))
`;
  const args = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "/usr/bin/python3", "-c", program];
  const child = endsWithUs(spawn("setpriv", args, { stdio: ["ignore", "pipe", "inherit"] }));
  return JSON.parse(await text(child.stdout));
}
