import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { nameIn } from "../../../../runtime/telepathy/dialects/dialect.ts";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { startTestManager } from "../test-manager.ts";

const CONTACT = "self contact 1 bob@example.com";

test.each([
  ["telepathy-1-2012", ["self handle 1"]],
  ["telepathy-1-2013", [CONTACT]],
  ["telepathy-0", ["self handle 1", CONTACT]],
] as const)(
  "a client in Python connects, inspects contacts, writes and disconnects in the dialect %s",
  async (name, changes) => {
    const dialect = DIALECTS[name];
    const { root } = dialect;
    await using setup = await startTestManager([loopback], { dialects: [dialect] });
    const program = fileURLToPath(new URL("programs/python-client.py", import.meta.url));
    const { stdout } = await promisify(execFile)("/usr/bin/python3", [program, setup.daemon.address, name], {
      timeout: 60_000,
    });
    const interfaces = ["Requests", "Contacts", "Presence1", "Aliasing1"].map((iface) =>
      nameIn(root, `im.telepathy1.Connection.Interface.${iface}`),
    );
    const destination = `${root}.Connection.test.loopback.bob_40example_2ecom`;
    expect(stdout.trim().split("\n")).toEqual([
      `managers ['${root}.ConnectionManager.test']`,
      "loopback account s required",
      "protocols ['loopback']",
      `without account ${root}.Error.InvalidArgument`,
      `connection ${destination} /${destination.replaceAll(".", "/")}`,
      "status 2",
      // dbus-python delivers signals only while its main loop runs.
      "new loopback",
      "status changed 1 1",
      ...changes,
      "status changed 0 1",
      `interfaces ['${interfaces.join("', '")}']`,
      ...(name === "telepathy-1-2013" ? [] : ["identifiers ['bob@example.com', 'alice', 'alice', 'carol']"]),
      "handles [2, 2, 3]",
      "contacts {1: 'bob@example.com', 2: 'alice', 3: 'carol'}",
      `no contact ${root}.Error.InvalidHandle`,
      "channel True alice True",
      "received 2 hello",
      "pending 0",
      "status changed 2 1",
      "disconnected, name has an owner: False",
    ]);
  },
);
