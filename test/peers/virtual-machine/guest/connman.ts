import { strict as assert } from "node:assert";
import { mkdir, writeFile } from "node:fs/promises";
import { CONNMAN as DAEMON, registerAgent, setTechnologyProperties } from "@dbus-codegen-ts/connman-client";
import { AgentService, type InputFields } from "@dbus-codegen-ts/connman-client/net.connman.Agent";
import { ManagerClient } from "@dbus-codegen-ts/connman-client/net.connman.Manager";
import { ServiceClient } from "@dbus-codegen-ts/connman-client/net.connman.Service";
import { TechnologyClient } from "@dbus-codegen-ts/connman-client/net.connman.Technology";
import { type Bus, Variant } from "@dbus-codegen-ts/runtime";
import { type Air, CABLE, GUEST, HOME, RADIO, transfer } from "./air.ts";
import { restartUnit, startUnits, stopUnits, systemBus } from "./bus.ts";
import type { Check, Group } from "./check.ts";
import { Sessions } from "./sessions.ts";
import { run, until } from "./shell.ts";

const BYTES = 8 * 1024 * 1024;

/** Without AlwaysConnectedTechnologies, ConnMan connects no Wi-Fi network by itself while a cable is connected. */
const CONFIGURATION = `[General]
AlwaysConnectedTechnologies=wifi,ethernet
AllowHostnameUpdates=false
AllowDomainnameUpdates=false
EnableOnlineCheck=false
SingleConnectedTechnology=false
`;
/** Services that ConnMan connects by itself. */
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

/** Checks of ConnMan as the network of sessions, and of its package. */
export function connmanGroup(air: () => Promise<Air>): Group {
  return {
    name: "connman",
    async run(check) {
      const radios = await air();
      await writeFile("/etc/connman/main.conf", CONFIGURATION);
      await mkdir("/var/lib/connman", { recursive: true });
      await writeFile("/var/lib/connman/checks.config", PROVISIONED);
      await radios.switchOn("home-1");
      await using bus = await systemBus();
      await startUnits(bus, "connman.service");
      const wifi = await until("ConnMan knows the radio", async () =>
        (await new ManagerClient(bus, DAEMON).getTechnologies()).find(({ properties }) => properties.type === "wifi"),
      );
      const technology = new TechnologyClient(bus, { ...DAEMON, path: wifi.path });
      if (wifi.properties.powered !== true) await setTechnologyProperties(technology, { powered: true });
      await using sessions = await Sessions.start("connman", "--routing");
      await checkSessions(check, radios, sessions);
      await checkClient(check, sessions);
      await checkConnect(check, radios, sessions);
      await checkAgent(check, radios, bus);
      for (const name of ["home-1", "guest"] as const) await radios.switchOff(name);
      await stopUnits(bus, "connman.service");
    },
  };
}

async function checkSessions(check: Check, air: Air, sessions: Sessions): Promise<void> {
  const session = await sessions.create({ allowedBearers: ["wifi", "ethernet"], sourceIPRule: true });
  const expectTransfer = async (letter: string): Promise<void> =>
    assert.equal(await transfer(session.address), `${letter} ${BYTES}`);
  const usesBearer = async (bearer: string): Promise<void> => {
    await until(`the session uses ${bearer}`, () => session.settings.bearer === bearer && session.address !== "");
  };
  await check("Name is the SSID, Bearer is wifi, TCP works", async () => {
    await usesBearer("wifi");
    assert.deepEqual([session.settings.name, session.settings.interface], [HOME.ssid, RADIO]);
    await expectTransfer("H");
    return `${session.settings.name}, ${session.settings.state}, ${session.address}, 8 MiB`;
  });
  await check("the access point fails: handover to the cable", async () => {
    await air.switchOff("home-1");
    await usesBearer("ethernet");
    assert.equal(session.settings.name, WIRED);
    await expectTransfer("O");
    return `${session.settings.name}, ${session.address}, 8 MiB`;
  });
  await check("the access point returns: handover to Wi-Fi", async () => {
    await air.switchOn("home-1");
    await usesBearer("wifi");
    await expectTransfer("H");
    return `${session.settings.name}, 8 MiB`;
  });
}

/** Uses Debian's connmanctl with the session service. */
async function checkClient(check: Check, sessions: Sessions): Promise<void> {
  const connmanctl = (...args: readonly string[]): Promise<string> =>
    run("env", `DBUS_SYSTEM_BUS_ADDRESS=${sessions.address}`, "connmanctl", ...args);
  await check("connmanctl services and technologies, of our manager", async () => {
    const services = await connmanctl("services");
    assert.match(services, /^\*A[OR] Home +wifi_/m);
    assert.match(await connmanctl("technologies"), /Type = wifi/);
    return services.replaceAll(/\s*\n\s*/g, "; ").replaceAll(/ +/g, " ");
  });
  await check("connmanctl disconnect and connect, of our manager", async () => {
    const id = /Home +(wifi_\S+)/.exec(await connmanctl("services"))?.[1] ?? "";
    await connmanctl("disconnect", id);
    await sessions.untilService(HOME.ssid, "idle");
    const output = await connmanctl("connect", id);
    const { properties } = await sessions.untilService(HOME.ssid, "ready");
    return `${output}; ${properties.state} ${properties.ipv4?.address}`;
  });
  await check("connmanctl scan wifi, of our manager", async () => connmanctl("scan", "wifi"));
}

/** Sessions bring up a service that ConnMan does not connect by itself. */
async function checkConnect(check: Check, air: Air, sessions: Sessions): Promise<void> {
  await check("Connect brings Wi-Fi up, Disconnect takes it down", async () => {
    const technology = await sessions.technology("wifi");
    const setPowered = (isOn: boolean): Promise<void> => technology.setProperty("Powered", new Variant("b", isOn));
    const home = await sessions.untilService(HOME.ssid, "ready");
    const service = sessions.serviceClient(home.path);
    await service.setProperty("AutoConnect", new Variant("b", false));
    await setPowered(false);
    await until("Wi-Fi is off", async () => (await sessions.service(HOME.ssid)) === undefined);
    await setPowered(true);
    await sessions.untilService(HOME.ssid, "idle");
    const own = await sessions.create({ allowedBearers: ["wifi"], sourceIPRule: true });
    await own.untilUses("");
    await own.client?.connect();
    await until("the session uses Wi-Fi", () => own.settings.name === HOME.ssid && own.address !== "");
    assert.equal(await transfer(own.address), `H ${BYTES}`);
    await own.client?.disconnect();
    await own.untilUses("");
    await sessions.untilService(HOME.ssid, "idle");
    await own.client?.connect();
    await sessions.untilService(HOME.ssid, "ready");
    await own.client?.destroy();
    await sessions.untilService(HOME.ssid, "idle");
    await service.setProperty("AutoConnect", new Variant("b", true));
    return `${HOME.ssid} was up until Disconnect, and until the session ended`;
  });
  await check("the cable is pulled out and plugged in", async () => {
    const wired = await sessions.create({ allowedBearers: ["ethernet"], sourceIPRule: true });
    await until("the session uses the cable", () => wired.settings.name === WIRED);
    await air.plug(false);
    await wired.untilUses("");
    await air.plug(true);
    await until("the session uses the cable", () => wired.settings.name === WIRED && wired.address !== "");
    assert.equal(await transfer(wired.address), `O ${BYTES}`);
    await wired.client?.destroy();
    return "no service, then the cable, 8 MiB";
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
