// Runs the checks in the machine, and prints a line of JSON for each report.
import { readFileSync } from "node:fs";
import type { GroupName } from "../result.ts";
import { Air } from "./air.ts";
import { BLUEZ } from "./bluez.ts";
import { type Group, report, runGroup } from "./check.ts";
import { connmanGroup } from "./connman.ts";
import { DAEMONS } from "./daemons.ts";
import { LOGIND } from "./logind.ts";
import { networkManagerGroup } from "./networkmanager.ts";
import { POLKIT } from "./polkit.ts";
import { SYSTEMD } from "./systemd.ts";
import { wireguardGroup } from "./wireguard.ts";

let air: Promise<Air> | undefined;
const theAir = (): Promise<Air> => {
  air ??= Air.create();
  return air;
};

const BY_NAME: Readonly<Record<GroupName, Group>> = {
  systemd: SYSTEMD,
  logind: LOGIND,
  daemons: DAEMONS,
  polkit: POLKIT,
  bluez: BLUEZ,
  networkmanager: networkManagerGroup(theAir),
  connman: connmanGroup(theAir),
  wireguard: wireguardGroup(theAir),
};

const groups: readonly GroupName[] = JSON.parse(readFileSync("/checks/groups.json", "utf8"));
for (const name of groups) await runGroup(BY_NAME[name]);
report({ kind: "end" });
process.exit();
