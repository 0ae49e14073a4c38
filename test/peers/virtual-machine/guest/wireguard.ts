import { strict as assert } from "node:assert";
import { SessionState } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { type Air, CABLE, SERVER, setPortal, transfer } from "./air.ts";
import type { Check, Group } from "./check.ts";
import { Sessions } from "./sessions.ts";
import { ip, until } from "./shell.ts";
import {
  configureCable,
  createWireguard,
  createWireguardPeer,
  PPP,
  PppLink,
  removeWireguardPeer,
  type Tunnel,
  WIREGUARD,
} from "./tunnel.ts";

const BYTES = 8 * 1024 * 1024;

/**
 * Milliseconds in which a connected service repeats its online check at least once: after 144 seconds, for at most 10.
 */
const CHECK_INTERVAL_MS = 200_000;

/** Returns the checks of WireGuard and PPP interfaces as services of the network `linux`, with its online check. */
export function wireguardGroup(air: () => Promise<Air>): Group {
  return {
    name: "wireguard",
    async run(check) {
      await air();
      await configureCable();
      const peer = await createWireguardPeer();
      await createWireguard(peer);
      const bearers = [`${CABLE.interface}=ethernet`, `${WIREGUARD.interface}=vpn`, `${PPP.interface}=cellular`];
      const flags = bearers.flatMap((bearer) => ["--bearer", bearer]);
      const url = `http://${SERVER.address}:${SERVER.httpPort}/`;
      await using sessions = await Sessions.start("linux", ...flags, "--online", url);
      await checkWireguard(check, sessions, (isPortal) => setPortal(peer.server, isPortal));
      await checkPpp(check, sessions);
      await ip("link", "del", WIREGUARD.interface);
      await removeWireguardPeer(peer);
      await ip("link", "set", CABLE.interface, "down");
      await ip("address", "flush", "dev", CABLE.interface);
    },
  };
}

/** Adds a default route without gateway. */
const addDefaultRoute = (tunnel: Tunnel): Promise<string> =>
  ip("route", "add", "default", "dev", tunnel.interface, "metric", "50");

async function checkWireguard(
  check: Check,
  sessions: Sessions,
  setTunnelPortal: (isPortal: boolean) => void,
): Promise<void> {
  const session = await sessions.create({ allowedBearers: ["vpn"] });
  const wired = await sessions.create({ allowedBearers: ["ethernet"] });
  const isLocal = (): boolean => session.settings.state === SessionState.Connected;
  await check("a tunnel without default route is not online", async () => {
    await wired.untilUses("Wired");
    await session.untilState(SessionState.Connected);
    const { name, bearer, interface: device } = session.settings;
    assert.deepEqual([name, bearer, device], ["VPN", "vpn", WIREGUARD.interface]);
    assert.equal((await sessions.service("VPN"))?.properties.state, "ready");
    return `session: ${session.settings.state}, service: ready`;
  });
  await check("a default route without gateway makes it online", async () => {
    await addDefaultRoute(WIREGUARD);
    const elapsed = await session.untilUses("VPN");
    assert.equal(session.address, WIREGUARD.address);
    assert.equal(session.settings.ipv4?.gateway ?? "", "");
    assert.equal(await transfer(session.address), `V ${BYTES}`);
    assert.equal(wired.settings.state, SessionState.Online);
    return `Update after ${elapsed}, ${JSON.stringify(session.settings.ipv4)}, 8 MiB by TCP`;
  });
  await check("the online check is repeated: a captive portal comes and goes", async () => {
    wired.takeUpdates();
    setTunnelPortal(true);
    const untilPortalMs = await elapsedMs(() => until("the session is not online", isLocal, CHECK_INTERVAL_MS));
    setTunnelPortal(false);
    const untilOnlineMs = await elapsedMs(() => session.untilUses("VPN"));
    assert.deepEqual(wired.takeUpdates(), []);
    return `connected after ${untilPortalMs} ms, online after ${untilOnlineMs} ms; no Update for the cable`;
  });
  await check("the other end of the tunnel fails and returns", async () => {
    await ip("-n", WIREGUARD.namespace, "link", "set", "wg1", "down");
    await until("the session is not online", isLocal, CHECK_INTERVAL_MS);
    await ip("-n", WIREGUARD.namespace, "link", "set", "wg1", "up");
    await session.untilUses("VPN");
    assert.deepEqual(wired.takeUpdates(), []);
    return "connected, then online; no Update for the cable";
  });
  await check("the route is removed: the service is ready", async () => {
    await ip("route", "del", "default", "dev", WIREGUARD.interface);
    await session.untilState(SessionState.Connected);
    return `${session.settings.state}`;
  });
  await check("Connect switches the tunnel on, Disconnect off", async () => {
    await ip("link", "set", WIREGUARD.interface, "down");
    await session.untilUses("");
    await session.client?.connect();
    await session.untilState(SessionState.Connected);
    await session.client?.disconnect();
    await session.untilUses("");
    await until("the interface is off", async () => !(await linkFlags(WIREGUARD)).includes("UP"));
    return "interface on, then off";
  });
}

async function checkPpp(check: Check, sessions: Sessions): Promise<void> {
  const session = await sessions.create({ allowedBearers: ["cellular"] });
  await check("PPP with a default route without gateway is online", async () => {
    await using _ = await PppLink.open();
    await session.untilState(SessionState.Connected);
    await addDefaultRoute(PPP);
    const elapsed = await session.untilUses("Cellular");
    assert.deepEqual([session.settings.interface, session.address], [PPP.interface, PPP.address]);
    assert.equal(await transfer(session.address), `P ${BYTES}`);
    return `Update after ${elapsed}, ${JSON.stringify(session.settings.ipv4)}, 8 MiB by TCP`;
  });
  await check("PPP hangs up: the session has no service", async () => {
    await session.untilUses("");
    return `${session.settings.state}`;
  });
}

async function linkFlags(tunnel: Tunnel): Promise<readonly string[]> {
  return JSON.parse(await ip("-json", "link", "show", tunnel.interface))[0].flags;
}

async function elapsedMs(action: () => Promise<unknown>): Promise<string> {
  const startMs = performance.now();
  await action();
  return (performance.now() - startMs).toFixed(0);
}
