import { strict as assert } from "node:assert";
import type { Air } from "./air.ts";
import { CABLE, NETWORKS, SERVER, transfer } from "./air.ts";
import type { Group } from "./check.ts";
import { type AppSession, Sessions } from "./sessions.ts";
import { firstOutput, ip, run, start, until } from "./shell.ts";

/** The ends of the tunnel: the machine, and a network that is reached over the cable. */
const TUNNEL = { interface: "wg0", address: "10.9.0.2", peer: "10.9.0.1", namespace: "vpn", port: 51820 } as const;
const BYTES = 8 * 1024 * 1024;

/** Checks of a WireGuard interface as a service of the network `linux`. */
export function wireguardGroup(air: () => Promise<Air>): Group {
  return {
    name: "wireguard",
    async run(check) {
      await air();
      await ip("address", "replace", `${CABLE.address}/24`, "dev", CABLE.interface);
      await ip("link", "set", CABLE.interface, "up");
      await ip("route", "replace", "default", "via", CABLE.gateway, "dev", CABLE.interface, "metric", "100");
      await createTunnel();
      const flags = ["--bearer", `${CABLE.interface}=ethernet`, "--bearer", `${TUNNEL.interface}=vpn`];
      await using sessions = await Sessions.start("linux", ...flags, "--online", "assume");
      const session = await sessions.create({ allowedBearers: ["vpn"] });
      const any = await sessions.create({ allowedBearers: ["ethernet"] });
      await check("a tunnel without default route is local", async () => {
        await any.untilUses("Wired");
        const { state, name } = session.settings;
        return `session: ${state} ${name}`;
      });
      await check("a default route without gateway makes it online", async () => {
        await ip("route", "add", "default", "dev", TUNNEL.interface, "metric", "50");
        const elapsed = await session.untilUses("VPN");
        assert.deepEqual([session.settings.bearer, session.settings.interface], ["vpn", TUNNEL.interface]);
        assert.equal(session.address, TUNNEL.address);
        assert.equal(session.settings.ipv4?.gateway ?? "", "");
        assert.equal(await transfer(session.address), `V ${BYTES}`);
        return `Update after ${elapsed}, ${JSON.stringify(session.settings.ipv4)}, 8 MiB by TCP`;
      });
      await check("the route is removed: the service is ready", async () => {
        await ip("route", "del", "default", "dev", TUNNEL.interface);
        await untilState(session, "connected");
        return `${session.settings.state}`;
      });
      await check("Connect switches the tunnel on, Disconnect off", async () => {
        await ip("link", "set", TUNNEL.interface, "down");
        await session.untilUses("");
        await session.client?.connect();
        await untilState(session, "connected");
        await session.client?.disconnect();
        await session.untilUses("");
        await until(
          "the interface is off",
          async () => !/"UP"/.test(await ip("-json", "link", "show", TUNNEL.interface)),
        );
        return "interface on, then off";
      });
      await ip("link", "del", TUNNEL.interface);
      await ip("netns", "del", TUNNEL.namespace);
      await ip("address", "flush", "dev", CABLE.interface);
    },
  };
}

async function untilState(session: AppSession, state: string): Promise<void> {
  await until(`the session is ${state}`, () => session.settings.state === state);
}

/** Creates a tunnel over the cable: its other end is a namespace behind the network of the cable. */
async function createTunnel(): Promise<void> {
  const { office } = NETWORKS;
  const { interface: name, namespace, address, peer, port } = TUNNEL;
  await ip("netns", "add", namespace);
  // The socket of a WireGuard interface remains in the namespace in which it was created.
  await ip("-n", office.namespace, "link", "add", "wg1", "type", "wireguard");
  await ip("-n", office.namespace, "link", "set", "wg1", "netns", namespace);
  await ip("link", "add", name, "type", "wireguard");
  const keys = await Promise.all(["a", "b"].map(keyPair));
  const [own, other] = keys;
  await run(
    "wg",
    "set",
    name,
    "private-key",
    own?.file ?? "",
    "listen-port",
    `${port}`,
    "peer",
    other?.publicKey ?? "",
    "allowed-ips",
    "0.0.0.0/0",
    "endpoint",
    `${office.gateway}:${port}`,
  );
  await ip(
    "netns",
    "exec",
    namespace,
    "wg",
    "set",
    "wg1",
    "private-key",
    other?.file ?? "",
    "listen-port",
    `${port}`,
    "peer",
    own?.publicKey ?? "",
    "allowed-ips",
    `${address}/32`,
  );
  await ip("address", "add", `${address}/24`, "dev", name);
  await ip("link", "set", name, "up");
  await ip("-n", namespace, "address", "add", `${peer}/24`, "dev", "wg1");
  await ip("-n", namespace, "address", "add", SERVER.address, "dev", "lo");
  for (const device of ["lo", "wg1"]) await ip("-n", namespace, "link", "set", device, "up");
  const program = [
    "/checks/node",
    "/checks/transfer-server.mjs",
    "V",
    SERVER.address,
    `${SERVER.port}`,
    `${SERVER.httpPort}`,
  ];
  await firstOutput(start("ip", "netns", "exec", namespace, ...program));
}

async function keyPair(name: string): Promise<{ readonly file: string; readonly publicKey: string }> {
  const file = `/run/wireguard-${name}`;
  const publicKey = await run("sh", "-c", `umask 077; wg genkey > ${file}; wg pubkey < ${file}`);
  return { file, publicKey };
}
