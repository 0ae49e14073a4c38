import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { startWorld } from "../test-manager.ts";

const PLACE = "im.telepathy1.Connection.test.loopback.bob_40example_2ecom";

test("a client in Python goes the manual's way from a manager to a connection, its contacts and its end", async () => {
  await using world = await startWorld([loopback]);
  const program = fileURLToPath(new URL("programs/python-client.py", import.meta.url));
  const { stdout } = await promisify(execFile)("/usr/bin/python3", [program, world.daemon.address], {
    timeout: 30_000,
  });
  const lines = stdout.trim().split("\n");
  expect(lines).toEqual([
    "managers ['im.telepathy1.ConnectionManager.test']",
    "loopback account s required",
    "protocols ['loopback']",
    "without account im.telepathy1.Error.InvalidArgument",
    `connection ${PLACE} /${PLACE.replaceAll(".", "/")}`,
    "status 2",
    // dbus-python keeps signals until its main loop runs.
    "new loopback",
    "status changed 1 1",
    "status changed 0 1",
    "interfaces ['im.telepathy1.Connection.Interface.Contacts']",
    "handles [2, 2, 3]",
    "identifiers ['bob@example.com', 'alice', 'alice', 'carol']",
    "contacts {2: 'alice', 3: 'carol'}",
    "no handle im.telepathy1.Error.InvalidHandle",
    "status changed 2 1",
    "disconnected, and there is somebody: False",
  ]);
});
