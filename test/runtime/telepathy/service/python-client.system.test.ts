import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { startTestManager } from "../test-manager.ts";

const NAME = "im.telepathy1.Connection.test.loopback.bob_40example_2ecom";

test("a client in Python requests a connection, inspects contacts and disconnects, as the Telepathy manual describes", async () => {
  await using setup = await startTestManager([loopback]);
  const program = fileURLToPath(new URL("programs/python-client.py", import.meta.url));
  const { stdout } = await promisify(execFile)("/usr/bin/python3", [program, setup.daemon.address], {
    timeout: 30_000,
  });
  const lines = stdout.trim().split("\n");
  expect(lines).toEqual([
    "managers ['im.telepathy1.ConnectionManager.test']",
    "loopback account s required",
    "protocols ['loopback']",
    "without account im.telepathy1.Error.InvalidArgument",
    `connection ${NAME} /${NAME.replaceAll(".", "/")}`,
    "status 2",
    // dbus-python delivers signals only while its main loop runs.
    "new loopback",
    "status changed 1 1",
    "status changed 0 1",
    "interfaces ['im.telepathy1.Connection.Interface.Contacts']",
    "handles [2, 2, 3]",
    "identifiers ['bob@example.com', 'alice', 'alice', 'carol']",
    "contacts {2: 'alice', 3: 'carol'}",
    "no handle im.telepathy1.Error.InvalidHandle",
    "status changed 2 1",
    "disconnected, name has an owner: False",
  ]);
});
