import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bus, connect, type Target } from "@dbus-codegen-ts/runtime";
import { generate, lint, type Source } from "dbus-codegen-ts";
import { conform } from "dbus-codegen-ts/conform";
import { introspect } from "dbus-codegen-ts/introspect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../generator/compile.ts";
import { load } from "../../generator/modules.ts";
import { ROOT } from "../../generator/support.ts";
import {
  type NetworkManagerMachine,
  startNetworkManagerMachine,
  whyNoNetworkManager,
} from "../../runtime/connman/network-manager-machine.ts";

const SERVICE = "org.freedesktop.NetworkManager";
const SETTINGS = "/org/freedesktop/NetworkManager/Settings";
const CONNECTION = `${SERVICE}.Settings.Connection`;
const FOLDER = join(ROOT, "generator/catalogue/networkmanager/overlays");
/** The overlays of the catalogue that describe profiles. */
const OVERLAYS: readonly Source[] = readdirSync(FOLDER)
  .filter((name) => /^settings-|Settings\./.test(name))
  .map((name) => ({ path: name, content: readFileSync(join(FOLDER, name)), isOverlay: true }));

/** A program that a user would write. It changes profiles with the types of the overlay. */
const PROGRAM = `
import { type Bus } from "@dbus-codegen-ts/runtime";
import { ConnectionClient, type ConnectionProfile } from "./org.freedesktop.NetworkManager.Settings.Connection.js";

export async function lowerPriority(bus: Bus, path: string): Promise<readonly [ConnectionProfile, ConnectionProfile]> {
  const connection = new ConnectionClient(bus, { destination: "org.freedesktop.NetworkManager", path });
  const before = await connection.getSettings();
  const { autoconnectPriority = 0 } = before.connection ?? {};
  await connection.update({ ...before, connection: { ...before.connection, autoconnectPriority: autoconnectPriority - 1 } });
  return [before, await connection.getSettings()];
}

export async function writeBack(bus: Bus, path: string): Promise<readonly [ConnectionProfile, ConnectionProfile]> {
  const connection = new ConnectionClient(bus, { destination: "org.freedesktop.NetworkManager", path });
  const before = await connection.getSettings();
  await connection.update(before);
  return [before, await connection.getSettings()];
}

// @ts-expect-error The priority is a number.
export const mistyped: ConnectionProfile = { connection: { autoconnectPriority: "1" } };
`;

/** Profiles that have many of the declared keys, as lines of their files. */
const PROFILES: Readonly<Record<string, readonly string[]>> = {
  "a Wi-Fi network": [
    "[connection]",
    "id=a Wi-Fi network",
    "type=wifi",
    "autoconnect=false",
    "metered=1",
    "permissions=user:root:;",
    "[wifi]",
    "ssid=network",
    "mode=infrastructure",
    "band=a",
    "channel=36",
    "hidden=true",
    "mtu=1400",
    "cloned-mac-address=stable",
    "[wifi-security]",
    "key-mgmt=wpa-psk",
    "psk=a secret of the network",
    "pmf=2",
    "proto=rsn;",
    "[ipv4]",
    "method=auto",
    "dns=192.0.2.1;",
    "dns-search=example.org;",
    "route1=198.51.100.0/24,192.0.2.7,5",
    "routing-rule1=priority 5 from 192.0.2.0/24 table 7",
    "[ipv6]",
    "method=manual",
    "address1=2001:db8::2/64,2001:db8::1",
    "ip6-privacy=2",
    "addr-gen-mode=0",
    "[user]",
    "org.example.note=text",
  ],
  "a cable": [
    "[connection]",
    "id=a cable",
    "type=ethernet",
    "autoconnect=false",
    "[ethernet]",
    "mac-address=02:00:00:00:00:77",
    "wake-on-lan=64",
    "auto-negotiate=true",
    "accept-all-mac-addresses=1",
    "[ipv4]",
    "method=manual",
    "address1=192.0.2.9/24,192.0.2.1",
    "dhcp-send-hostname=false",
    "[ipv6]",
    "method=ignore",
    "[vendor]",
  ],
};

const missing = whyNoNetworkManager();

describe.skipIf(missing !== undefined)(
  `NetworkManager with an overlay${missing ? ` (skipped: ${missing})` : ""}`,
  () => {
    let manager: NetworkManagerMachine;
    let bus: Bus;
    let specs: readonly Source[] = [];
    let paths: Readonly<Record<string, string>> = {};
    let program: Readonly<Record<string, unknown>> = {};

    beforeAll(async () => {
      manager = await startNetworkManagerMachine();
      bus = await connect({ bus: manager.machine.address });
      for (const [name, lines] of Object.entries(PROFILES)) await manager.addProfile(name, lines);
      const listed = (await manager.nmcli("--fields", "NAME,DBUS-PATH", "connection")).split("\n");
      paths = Object.fromEntries(listed.map((line) => line.split(":")));
      specs = (await introspect(bus, SERVICE, SETTINGS)).specs;
      const { files, diagnostics } = await generate([...specs, ...OVERLAYS]);
      expect(diagnostics.filter(({ code }) => code !== "overlay-unmatched")).toEqual([]);
      const all = [...files, { path: "program.ts", text: PROGRAM }];
      expect(await compile(all)).toEqual([]);
      program = load(all, "program.ts");
    });
    afterAll(async () => {
      await bus?.close();
      await manager?.[Symbol.asyncDispose]();
    });

    const targetOf = (name: string): Target => ({ destination: SERVICE, path: paths[name] ?? "" });
    const run = async (name: string, profile: string): Promise<readonly [unknown, unknown]> => {
      const action: unknown = program[name];
      if (typeof action !== "function") throw new Error(`the program exports no ${name}`);
      const [before, after]: readonly unknown[] = await action(bus, targetOf(profile).path);
      return [before, after];
    };

    test.each(Object.keys(PROFILES))(
      "%s that was read, changed in one typed key and written back has the new value",
      async (name) => {
        const [before, after] = await run("lowerPriority", name);
        expect(after).toEqual({
          ...Object(before),
          connection: { ...Object(before).connection, autoconnectPriority: -1 },
        });
      },
    );

    test.each(Object.keys(PROFILES))("%s is the same after it was read and written back", async (name) => {
      const [before, after] = await run("writeBack", name);
      expect(after).toEqual(before);
    });

    test("typed values are those of the profile", async () => {
      const [, profile] = await run("writeBack", "a Wi-Fi network");
      expect(profile).toMatchObject({
        connection: { id: "a Wi-Fi network", type: "802-11-wireless", autoconnect: false, metered: 1 },
        wireless: { ssid: new TextEncoder().encode("network"), band: "a", channel: 36, hidden: true, mtu: 1400 },
        wirelessSecurity: { keyMgmt: "wpa-psk", pmf: 2, proto: ["rsn"] },
        ipv4: {
          method: "auto",
          dnsSearch: ["example.org"],
          routeData: [{ dest: "198.51.100.0", prefix: 24, nextHop: "192.0.2.7", metric: 5 }],
        },
        ipv6: { addressData: [{ address: "2001:db8::2", prefix: 64 }], gateway: "2001:db8::1", ip6Privacy: 2 },
        user: { data: { "org.example.note": "text" } },
      });
      expect(await manager.profileFile("a Wi-Fi network")).toContain("psk=a secret of the network");
    });

    test.each(Object.keys(PROFILES))("%s conforms: every key is declared with its type", async (name) => {
      const calls = [{ interface: CONNECTION, method: "GetSettings" }];
      const ofConnection = specs.filter(({ path }) => path === `${CONNECTION}.xml`);
      const options = { calls, undeclaredKeys: true, allowExtra: true };
      const { report } = await conform(bus, targetOf(name), [...ofConnection, ...OVERLAYS], options);
      const checks = report?.checks.filter(({ check }) => /^(value|call)-/.test(check)) ?? [];
      expect(checks.map(({ check, status, member, message }) => [check, status, member, message])).toContainEqual([
        "call-result",
        "passed",
        "GetSettings",
        undefined,
      ]);
      expect(checks.filter(({ status }) => status !== "passed").map(({ message }) => message)).toEqual([]);
    });

    test("all dictionaries of a connection are declared", () => {
      const ofConnection = specs.filter(({ path }) => path === `${CONNECTION}.xml`);
      const count = (sources: readonly Source[]): unknown => lint(sources).dictionaries;
      expect(count(ofConnection)).toEqual({ declared: 0, empty: 0, all: 7 });
      // No key is defined for the result of Update2.
      expect(count([...ofConnection, ...OVERLAYS])).toEqual({ declared: 7, empty: 1, all: 7 });
    });
  },
);
