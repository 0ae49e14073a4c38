import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReadyConnection } from "../../../../../runtime/telepathy/client/ready-connection.ts";
import { RemoteManager } from "../../../../../runtime/telepathy/client/remote-manager.ts";
import { irc } from "../../../../../runtime/telepathy/protocols/irc/irc.ts";
import { startTestManager, type TestSetup, until } from "../../test-manager.ts";
import { IrcPeer, IrcServer, MISSING_PROGRAM } from "./ngircd.ts";

const { Available, Away, Busy } = ConnectionPresenceType;
const AVAILABLE: Presence = { type: Available, status: "available", statusMessage: "" };

let server: IrcServer;
let setup: TestSetup;

beforeAll(async () => {
  if (MISSING_PROGRAM !== undefined) return;
  server = await IrcServer.start();
  setup = await startTestManager([irc]);
});
afterAll(async () => {
  await setup?.[Symbol.asyncDispose]();
  await server?.kill();
});

function connectUser(account: string): Promise<ReadyConnection> {
  const parameters = { account, server: "127.0.0.1", port: server.port };
  return new RemoteManager(setup.client, "test").connect("irc", parameters);
}

const note = MISSING_PROGRAM === undefined ? "" : ` (skipped: ${MISSING_PROGRAM})`;

describe.skipIf(MISSING_PROGRAM !== undefined)(`users of ngIRCd${note}`, () => {
  test("the presence of the user is that on the server", async () => {
    await using romeo = await connectUser("Romeo1");
    await using peer = await IrcPeer.connectUser(server.port, "Peer1");
    expect(await romeo.presence.get(romeo.selfHandle)).toEqual(AVAILABLE);
    // ngIRCd truncates away messages to 127 bytes.
    await romeo.presence.set({ type: Busy, status: "busy", statusMessage: `at lunch${"!".repeat(200)}` });
    const away = { type: Away, status: "away", statusMessage: `at lunch${"!".repeat(119)}` };
    expect(await romeo.presence.get(romeo.selfHandle)).toEqual(away);
    await peer.sendAndWait("PRIVMSG Romeo1 :hello");
    await peer.waitFor(`:at lunch${"!".repeat(119)}\r\n`);
    await romeo.presence.set(AVAILABLE);
    expect(await romeo.presence.get(romeo.selfHandle)).toEqual(AVAILABLE);
  });

  test("presences of contacts are unknown without interest, and requested with interest", async () => {
    await using romeo = await connectUser("Romeo2");
    await using _ = await IrcPeer.connectUser(server.port, "Online2");
    await using away = await IrcPeer.connectUser(server.port, "Away2");
    await away.sendAndWait("AWAY :asleep");
    const handles = await romeo.handles(HandleType.Contact, ["online2", "away2", "offline2"]);
    const before = await romeo.contacts(handles, [Presence1.name]);
    expect([...before.values()].map(({ presence }) => presence?.status)).toEqual(["unknown", "unknown", "unknown"]);
    await using contacts = await romeo.liveContacts(handles);
    const shown = (): string =>
      handles.map((handle) => `${contacts.get(handle)?.alias} ${contacts.get(handle)?.presence?.status}`).join(", ");
    await until(`presences are known: ${shown()}`, () => shown() === "Online2 available, Away2 away, offline2 offline");
    await contacts.close();
    const after = await romeo.contacts(handles, [Presence1.name]);
    expect([...after.values()].map(({ presence }) => presence?.status)).toEqual(["unknown", "unknown", "unknown"]);
  });

  test("a nickname that is in use is refused, and the user keeps the present nickname", async () => {
    await using romeo = await connectUser("Romeo3");
    await using _ = await IrcPeer.connectUser(server.port, "Peer3");
    await expect(romeo.names.rename("peer3")).rejects.toMatchObject({
      errorName: "im.telepathy1.Error.NotAvailable",
      message: "Nickname already in use",
    });
    await romeo.names.setAlias(romeo.selfHandle, "Montague3");
    await until("the new handle is known", () => romeo.selfHandle !== 1);
    const attributes = await romeo.contacts(
      [romeo.selfHandle],
      [Presence1.name, "im.telepathy1.Connection.Interface.Aliasing1"],
    );
    expect(attributes.get(romeo.selfHandle)).toMatchObject({
      contactId: "montague3",
      alias: "Montague3",
      presence: AVAILABLE,
    });
  });
});
