import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { programArguments } from "../../setup/program.ts";

test("npm start shows sessions that follow a link, and a connection, in 20 lines", async () => {
  const program = fileURLToPath(new URL("start.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...programArguments(program)]);
  expect(stdout.trimEnd().split("\n")).toEqual([
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
    "chat     manager demo speaks loopback",
    "chat     connected as handle 1; handles 2, 2 are juliet@example.org, juliet@example.org",
    "chat     disconnected: the connection has ended: Requested",
  ]);
});
