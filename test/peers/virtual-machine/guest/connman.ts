import { strict as assert } from "node:assert";
import { mkdir, writeFile } from "node:fs/promises";
import { CONNMAN as DAEMON, registerAgent, setTechnologyProperties } from "@dbus-codegen-ts/connman-client";
import { AgentService, type InputFields } from "@dbus-codegen-ts/connman-client/net.connman.Agent";
import { ManagerClient } from "@dbus-codegen-ts/connman-client/net.connman.Manager";
import { ServiceClient } from "@dbus-codegen-ts/connman-client/net.connman.Service";
import { TechnologyClient } from "@dbus-codegen-ts/connman-client/net.connman.Technology";
import type { Bus } from "@dbus-codegen-ts/runtime";
import { type Air, CABLE, GUEST, HOME, RADIO, transfer } from "./air.ts";
import { restartUnit, startUnits, stopUnits, systemBus } from "./bus.ts";
import type { Check, Group } from "./check.ts";
import { Sessions } from "./sessions.ts";
import { run, until } from "./shell.ts";

const BYTES = 8 * 1024 * 1024;

/** Configuration of ConnMan. With it, ConnMan connects no Wi-Fi network by itself while a cable is connected. */
const CONFIGURATION = `[General]
AllowHostnameUpdates=false
AllowDomainnameUpdates=false
EnableOnlineCheck=false
SingleConnectedTechnology=false
`;
/** Services whose settings ConnMan knows. */
const PROVISIONED = `[service_home]
Type=wifi
Name=${HOME.ssid}
Passphrase=${HOME.password}
[service_cable]
Type=ethernet
DeviceName=${CABLE.interface}
IPv4=${CABLE.address}/24/${CABLE.gateway}
IPv6=off
`;

const WIRED = "Wired";

/**
 * Returns the checks with ConnMan: of sessions whose network ConnMan manages, and of the package for ConnMan's clients.
 */
export function connmanGroup(air: () => Promise<Air>): Group {
  return {
    name: "connman",
    async run(check) {
      const radios = await air();
      await writeFile("/etc/connman/main.conf", CONFIGURATION);
      await mkdir("/var/lib/connman", { recursive: true });
      await writeFile("/var/lib/connman/checks.config", PROVISIONED);
      await using bus = await systemBus();
      await startUnits(bus, "connman.service");
      const wifi = await until("ConnMan knows the radio", async () =>
        (await new ManagerClient(bus, DAEMON).getTechnologies()).find(({ properties }) => properties.type === "wifi"),
      );
      const technology = new TechnologyClient(bus, { ...DAEMON, path: wifi.path });
      if (wifi.properties.powered !== true) await setTechnologyProperties(technology, { powered: true });
      // While Wi-Fi is off, ConnMan blocks all radios, also those of access points, so they are switched on only now.
      await radios.switchOn("home-1");
      await using sessions = await Sessions.start("connman", "--routing");
      await checkSessions(check, radios, sessions);
      await checkClient(check, sessions);
      await checkAgent(check, radios, bus);
      for (const name of ["home-1", "guest"] as const) await radios.switchOff(name);
      await stopUnits(bus, "connman.service");
    },
  };
}

async function checkSessions(check: Check, air: Air, sessions: Sessions): Promise<void> {
  const session = await sessions.create({ allowedBearers: ["wifi", "ethernet"], sourceIPRule: true });
  const wireless = await sessions.create({ allowedBearers: ["wifi"] });
  const uses = async (name: string, letter: string): Promise<string> => {
    await until(`the session uses ${name}`, () => session.settings.name === name && session.address !== "");
    assert.equal(await transfer(session.address), `${letter} ${BYTES}`);
    return `${name}, ${session.settings.state}, ${session.address}, 8 MiB`;
  };
  await check("the cable serves a session, while Wi-Fi is down", async () => {
    await untilFound(sessions, HOME.ssid);
    await wireless.untilUses("");
    return uses(WIRED, "O");
  });
  await check("Connect of another session brings Wi-Fi up: handover, Name is the SSID", async () => {
    await wireless.client?.connect();
    const used = await uses(HOME.ssid, "H");
    assert.deepEqual([session.settings.bearer, session.settings.interface], ["wifi", RADIO]);
    assert.equal(wireless.settings.name, HOME.ssid);
    return used;
  });
  await check("Disconnect takes Wi-Fi down, and Connect brings it up", async () => {
    await wireless.client?.disconnect();
    await wireless.untilUses("");
    await sessions.untilService(HOME.ssid, "idle");
    await uses(WIRED, "O");
    await wireless.client?.connect();
    return uses(HOME.ssid, "H");
  });
  await check("the access point fails: handover to the cable", async () => {
    await air.switchOff("home-1");
    const used = await uses(WIRED, "O");
    await wireless.untilUses("");
    return used;
  });
  await check("the access point returns: handover to Wi-Fi", async () => {
    // The supplicant forgets access points that later searches do not find.
    await untilFound(sessions, HOME.ssid, false);
    await air.switchOn("home-1");
    await untilFound(sessions, HOME.ssid);
    await wireless.client?.connect();
    return uses(HOME.ssid, "H");
  });
  await check("the end of the session takes Wi-Fi down", async () => {
    await wireless.client?.destroy();
    await sessions.untilService(HOME.ssid, "idle");
    return uses(WIRED, "O");
  });
  await check("the cable is pulled out and plugged in", async () => {
    await air.plug(false);
    await session.untilUses("");
    await air.plug(true);
    return uses(WIRED, "O");
  });
}

/** Searches for Wi-Fi networks until one is found, or no longer found. ConnMan itself waits up to five minutes between searches. */
async function untilFound(sessions: Sessions, name: string, isExpected = true): Promise<void> {
  const technology = await sessions.technology("wifi");
  await until(`${name} is ${isExpected ? "" : "not "}found`, async () => {
    if (((await sessions.service(name)) !== undefined) === isExpected) return true;
    // The call fails while another search is going on.
    await technology.scan().catch(() => undefined);
    return false;
  });
}

/** Uses Debian's connmanctl with the session service. */
async function checkClient(check: Check, sessions: Sessions): Promise<void> {
  const connmanctl = (...args: readonly string[]): Promise<string> =>
    run("env", `DBUS_SYSTEM_BUS_ADDRESS=${sessions.address}`, "connmanctl", ...args);
  await check("connmanctl scan wifi and technologies, of our manager", async () => {
    assert.match(await connmanctl("technologies"), /Type = wifi/);
    return connmanctl("scan", "wifi");
  });
  await check("connmanctl connect, services and disconnect, of our manager", async () => {
    const id = /Home +(wifi_\S+)/.exec(await connmanctl("services"))?.[1] ?? "";
    const output = await connmanctl("connect", id);
    const { properties } = await sessions.untilService(HOME.ssid, "ready");
    const services = await connmanctl("services");
    assert.match(services, /^\*A[OR] Home +wifi_/m);
    await connmanctl("disconnect", id);
    await sessions.untilService(HOME.ssid, "idle");
    return `${output}; ${properties.ipv4?.address}; ${services.replaceAll(/\s*\n\s*/g, "; ").replaceAll(/ +/g, " ")}`;
  });
}

class Passphrases extends AgentService {
  readonly requests: string[] = [];

  cancel(): void {}

  release(): void {
    this.requests.push("release");
  }

  reportError(_service: string, error: string): void {
    this.requests.push(`error ${error}`);
  }

  reportPeerError(): void {}

  requestBrowser(): void {}

  requestInput(_service: string, { passphrase }: InputFields) {
    this.requests.push(`${passphrase?.requirement} ${passphrase?.type}`);
    return { passphrase: GUEST.password };
  }

  requestPeerAuthorization() {
    return {};
  }
}

async function checkAgent(check: Check, air: Air, bus: Bus): Promise<void> {
  const manager = new ManagerClient(bus, DAEMON);
  const agent = new Passphrases();
  /** Connects the network of guests, and removes it afterwards, so that its passphrase is forgotten. */
  const connectGuest = async (): Promise<string> => {
    const { path } = await until("the network is found", async () => {
      const found = (await manager.getServices()).find(({ properties }) => properties.name === GUEST.ssid);
      const [wifi] = (await manager.getTechnologies()).filter(({ properties }) => properties.type === "wifi");
      if (found === undefined)
        await new TechnologyClient(bus, { ...DAEMON, path: wifi?.path ?? "/" }).scan().catch(() => undefined);
      return found;
    });
    const service = new ServiceClient(bus, { ...DAEMON, path });
    agent.requests.length = 0;
    await service.connect({ timeout: 120_000 });
    const { state, ipv4 } = await service.getProperties();
    assert.ok(state === "ready" || state === "online");
    assert.ok(agent.requests.length > 0);
    const requests = agent.requests.join(", ");
    await service.remove();
    return `${state}, ${ipv4?.address}; request: ${requests}`;
  };
  await air.switchOn("guest");
  const registration = await registerAgent(bus, agent);
  await check("an agent supplies the passphrase", connectGuest);
  await check("ConnMan restarts: the agent is registered", async () => {
    await restartUnit(bus, "connman.service");
    return connectGuest();
  });
  await registration[Symbol.asyncDispose]();
}
