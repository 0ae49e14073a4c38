import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { whyNoNetworkManager } from "../../runtime/connman/network-manager-machine.ts";
import { programArguments } from "../../setup/program.ts";

const program = fileURLToPath(new URL("start.ts", import.meta.url));

async function linesOf(...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return inOrderOfApplications(stdout.trimEnd().split("\n"));
}

/**
 * Returns lines in which Updates and Releases that follow each other are sorted by application. Their order is not
 * fixed, because each application has its own connection.
 */
function inOrderOfApplications(lines: readonly string[]): readonly string[] {
  const sorted: string[] = [];
  for (const line of lines) {
    let index = sorted.length;
    if (received(line)) while (index > 0 && isOfLaterApplication(sorted[index - 1] ?? "", line)) index--;
    sorted.splice(index, 0, line);
  }
  return sorted;
}

function isOfLaterApplication(other: string, line: string): boolean {
  return received(other) && other.slice(0, 9) > line.slice(0, 9);
}

function received(line: string): boolean {
  return /^\w+ +(Update|Release): /.test(line);
}

const CHAT = [
  "chat     manager demo speaks loopback",
  "chat     connected as handle 1; handles 2, 2 are juliet@example.org, juliet@example.org",
  'chat     juliet reads "good morrow" of romeo@example.org',
  'chat     romeo reads "what o\'clock is it?" of juliet@example.org',
  "chat     disconnected: the connection has ended: Requested",
];

const SIMULATED = [
  "network  a cable that is online, and a wireless network that is not connected",
  'mail     CreateSession {"allowedBearers":["wifi","*"]}',
  "mail     Update: online, ethernet, 192.0.2.7",
  'music    CreateSession {"connectionType":"internet","allowedBearers":["ethernet"]}',
  "music    Update: online, ethernet, 192.0.2.7",
  "network  the cable is pulled out",
  "mail     Update: disconnected",
  "music    Update: disconnected",
  "mail     Connect: wants to be online now",
  "mail     Update: connected, wifi, 198.51.100.7",
  "mail     Update: online",
  "network  the cable is back",
  "music    Update: online, ethernet, 192.0.2.7",
  "mail     Change AllowedBearers to ethernet",
  "mail     Update: ethernet, 192.0.2.7",
  "mail     Release: the service is going away",
  "music    Release: the service is going away",
];

test("npm start -- simulated shows sessions that follow a link, and two users who write to each other", async () => {
  expect(await linesOf(...programArguments(program), "simulated")).toEqual([...SIMULATED, ...CHAT]);
});

test("npm start shows sessions in front of NetworkManager, or why it cannot", async () => {
  // Not bundled, because the program may start others.
  const lines = await linesOf("--conditions=@dbus-codegen-ts/source", "--import", "tsx", program);
  const missing = whyNoNetworkManager();
  if (missing !== undefined) {
    const why = `network  simulated, because NetworkManager cannot run here: ${missing}`;
    expect(lines).toEqual([why, ...SIMULATED, ...CHAT]);
    return;
  }
  const steps = lines.filter((line) => !line.startsWith("mail     Update: "));
  expect(steps).toEqual([
    "network  two cables that NetworkManager configures, in a network namespace",
    "mail     CreateSession {}",
    "mail     receives 8 MiB over the first cable",
    "network  the first cable is pulled out",
    "network  a user disconnects the second cable: nmcli connection down",
    "mail     Connect: wants to be online now",
    "mail     Disconnect: does not need the network any more",
    "network  NetworkManager has taken the second cable down",
    ...CHAT,
  ]);
});
