import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { AccountClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { AccountManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Aliasing1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { AccountClient as AccountClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Account";
import { AccountManagerClient as AccountManagerClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.AccountManager";
import { expect, test } from "vitest";
import { MemoryStore } from "../../../../runtime/telepathy/accounts/memory-store.ts";
import { serveAccountManager } from "../../../../runtime/telepathy/accounts/serve-account-manager.ts";
import { ReadyConnection } from "../../../../runtime/telepathy/client/ready-connection.ts";
import { RemoteManager } from "../../../../runtime/telepathy/client/remote-manager.ts";
import { busNameToPath, pathToBusName } from "../../../../runtime/telepathy/connection/object-names.ts";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { eventually } from "../eventually.ts";
import { startTestManager } from "../test-manager.ts";

const { Available, Away, ExtendedAway, Busy, Hidden, Offline } = ConnectionPresenceType;

function presence(type: ConnectionPresenceType, status: string, statusMessage = ""): Presence {
  return { type, status, statusMessage };
}

test.each([DIALECTS["telepathy-1-2012"], DIALECTS["telepathy-0"]])(
  "$name: the requested presence is set on the connection, and the account shows that of the connection",
  async (dialect) => {
    await using setup = await startTestManager([loopback], { dialects: [dialect] });
    await using _ = await serveAccountManager(setup.service, { store: new MemoryStore(), dialects: [dialect] });
    const destination = `${dialect.root}.AccountManager`;
    const isReleased = dialect.root === "org.freedesktop.Telepathy";
    const place = { destination, path: busNameToPath(destination) };
    const manager = isReleased
      ? new AccountManagerClient0(setup.client, place)
      : new AccountManagerClient(setup.client, place);
    const name = `romeo-${dialect.name}`;
    const created = { enabled: true, nickname: "Romeo M." };
    const path = await manager.createAccount("test", "loopback", "Romeo", { account: name }, created);
    const account = isReleased
      ? new AccountClient0(setup.client, { destination, path })
      : new AccountClient(setup.client, { destination, path });
    const shows = (expected: Presence): Promise<void> =>
      eventually(async () => {
        expect(await account.properties.currentPresence.get()).toEqual(expected);
        expect(await account.properties.changingPresence.get()).toBe(false);
      });

    // Contacts see only the requested presence.
    const juliet = await new RemoteManager(setup.client, "test", dialect.root).request("loopback", {
      account: "juliet",
    });
    await using friend = await ReadyConnection.open(setup.client, juliet);
    const [romeo = 0] = await friend.handles(HandleType.Contact, [name]);
    const seen: (string | undefined)[] = [];
    await friend.presence.subscribe((presences) => void seen.push(presences.get(romeo)?.status));

    await account.properties.requestedPresence.set(presence(Away, "away", "at lunch"));
    await shows(presence(Away, "away", "at lunch"));
    await eventually(async () => expect(new Set(seen)).toEqual(new Set(["away"])));
    await account.properties.requestedPresence.set(presence(ExtendedAway, "extended-away", "asleep"));
    await shows(presence(ExtendedAway, "xa", "asleep"));
    await account.properties.requestedPresence.set(presence(Hidden, "hidden", "not sent"));
    await shows(presence(Hidden, "hidden"));

    // Another client changes the presence on the connection.
    const connectionPath = await account.properties.connection.get();
    const target = { destination: pathToBusName(connectionPath), path: connectionPath };
    await using connection = await ReadyConnection.open(setup.client, target);
    await connection.presence.set(presence(Busy, "busy", "at work"));
    await shows(presence(Busy, "busy", "at work"));
    expect(await account.properties.requestedPresence.get()).toEqual(presence(Hidden, "hidden", "not sent"));

    // The nickname is the alias of the user, from the first connection on and after each change.
    const shown = async (): Promise<string | undefined> => {
      const contacts = await connection.contacts([connection.selfHandle], [Aliasing1.name]);
      return contacts.get(connection.selfHandle)?.alias;
    };
    await eventually(async () => expect(await shown()).toBe("Romeo M."));
    await account.properties.nickname.set("Rom");
    await eventually(async () => expect(await shown()).toBe("Rom"));

    await account.properties.requestedPresence.set(presence(Available, "available"));
    await shows(presence(Available, "available"));
    await account.properties.requestedPresence.set(presence(Offline, "offline"));
    await shows(presence(Offline, "offline"));
  },
);
