// Runs the checks in the machine, and prints a line of JSON for each result.
import { readFileSync } from "node:fs";
import { END } from "../result.ts";
import { Air } from "./air.ts";
import { BLUEZ } from "./bluez.ts";
import { type Group, runGroup, writeLine } from "./check.ts";
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

const GROUPS: readonly Group[] = [
  ...[SYSTEMD, LOGIND, DAEMONS, POLKIT, BLUEZ],
  ...[networkManagerGroup, connmanGroup, wireguardGroup].map((group) => group(theAir)),
];

const part = readFileSync("/checks/part", "utf8");
for (const group of GROUPS.filter(({ name }) => name.includes(part))) await runGroup(group);
writeLine(END);
process.exit();
