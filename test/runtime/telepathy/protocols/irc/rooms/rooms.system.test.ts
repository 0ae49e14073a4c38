import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  AuthenticationFailedError,
  ChannelBannedError,
  ChannelFullError,
  ChannelInviteOnlyError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChatMessage } from "../../../../../../runtime/telepathy/client/chat-message.ts";
import type { ReadyConnection } from "../../../../../../runtime/telepathy/client/ready-connection.ts";
import { RemoteManager } from "../../../../../../runtime/telepathy/client/remote-manager.ts";
import { RoomChannel } from "../../../../../../runtime/telepathy/client/room-channel.ts";
import type { RoomChange } from "../../../../../../runtime/telepathy/client/room-members.ts";
import { irc } from "../../../../../../runtime/telepathy/protocols/irc/irc.ts";
import { roomConfigOf } from "../../../room-config.ts";
import { startTestManager, type TestSetup } from "../../../test-manager.ts";
import { IrcPeer, IrcServer, MISSING_PROGRAM, SERVICES } from "../ngircd.ts";

describe.skipIf(MISSING_PROGRAM !== undefined)("rooms of ngircd", () => {
  let server: IrcServer;
  let setup: TestSetup;
  let romeo: ReadyConnection;
  let juliet: ReadyConnection;

  beforeAll(async () => {
    [server, setup] = await Promise.all([IrcServer.start(), startTestManager([irc])]);
    const manager = new RemoteManager(setup.client, "test");
    const login = (account: string): Promise<ReadyConnection> =>
      manager.connect("irc", { account, server: "127.0.0.1", port: server.port });
    [romeo, juliet] = await Promise.all([login("Romeo"), login("Juliet")]);
  });

  afterAll(async () => {
    await setup?.[Symbol.asyncDispose]();
    await server?.kill();
  });

  const join = (connection: ReadyConnection, room: string, password = ""): Promise<RoomChannel> =>
    RoomChannel.join(setup.client, connection, room, { password });
  const handle = async (connection: ReadyConnection, nick: string): Promise<number> =>
    (await connection.handles(HandleType.Contact, [nick]))[0] ?? 0;
  const nicks = (room: RoomChannel): readonly string[] => [...room.members.values()].toSorted();

  test("messages, topics, kicks and parts are sent and received", async () => {
    const room = await join(romeo, "#Verona");
    const other = await join(juliet, "#verona");
    await expect.poll(() => nicks(room)).toEqual(["juliet", "romeo"]);
    expect(nicks(other)).toEqual(["juliet", "romeo"]);
    const messages: ChatMessage[] = [];
    other.listen({ messageReceived: (message) => messages.push(message) });
    await room.send("Good night!");
    await expect
      .poll(() => messages.map(({ text, senderHandle }) => [text, senderHandle]))
      .toEqual([["Good night!", await handle(juliet, "romeo")]]);
    await room.setSubject("Parting is such sweet sorrow");
    await expect.poll(() => other.subject).toBe("Parting is such sweet sorrow");
    await expect(other.kick([await handle(juliet, "romeo")])).rejects.toBeInstanceOf(PermissionDeniedError);
    const changes: RoomChange[] = [];
    room.listen({ membersChanged: (change) => changes.push(change) });
    await room.kick([await handle(romeo, "juliet")], "It is late");
    expect(await other.closed).toMatchObject({ reason: Reason.Kicked, message: "It is late" });
    await expect.poll(() => changes.map(({ reason }) => reason)).toEqual([Reason.Kicked]);
    const again = await join(juliet, "#verona");
    await again.leave("Good night");
    await expect.poll(() => changes.at(-1)?.message).toBe("Good night");
    await room.leave();
  });

  test("keys, limits, bans and invitations decide who can join", async () => {
    const room = await join(romeo, "#capulet");
    const config = roomConfigOf(setup.client, room.target);
    await expect.poll(() => config.properties.configurationRetrieved.get()).toBe(true);
    await config.updateConfiguration({ password: "rose" });
    await expect(join(juliet, "#capulet")).rejects.toBeInstanceOf(AuthenticationFailedError);
    await expect(join(juliet, "#capulet", "thorn")).rejects.toBeInstanceOf(AuthenticationFailedError);
    await (await join(juliet, "#capulet", "rose")).leave();
    await config.updateConfiguration({ passwordProtected: false, limit: 1 });
    await expect(join(juliet, "#capulet")).rejects.toBeInstanceOf(ChannelFullError);
    await config.updateConfiguration({ limit: 0, inviteOnly: true });
    await expect(join(juliet, "#capulet")).rejects.toBeInstanceOf(ChannelInviteOnlyError);
    expect(await config.properties.inviteOnly.get()).toBe(true);

    const invitations: RoomChannel[] = [];
    await using _ = await RoomChannel.watchInvitations(setup.client, juliet, (invited) => invitations.push(invited));
    await room.invite([await handle(romeo, "juliet")]);
    expect([...room.invitedContacts]).toEqual([await handle(romeo, "juliet")]);
    await expect.poll(() => invitations.length).toBe(1);
    const [invitation] = invitations;
    expect([invitation?.isInvitation, [...(invitation?.members.values() ?? [])]]).toEqual([true, ["romeo"]]);
    await invitation?.accept();
    await expect.poll(() => nicks(room)).toEqual(["juliet", "romeo"]);
    expect(invitation && nicks(invitation)).toEqual(["juliet", "romeo"]);
    await invitation?.leave();

    await config.updateConfiguration({ inviteOnly: false });
    await using operator = await IrcPeer.connectOperator(server.port);
    await operator.sendAndWait("MODE #capulet +b Juliet!*@*");
    await expect(join(juliet, "#capulet")).rejects.toBeInstanceOf(ChannelBannedError);
    await room.leave();
  });

  test("new nicknames are reported, and a netsplit as one change", async () => {
    const room = await join(romeo, "#verona");
    const changes: RoomChange[] = [];
    room.listen({ membersChanged: (change) => changes.push(change) });
    await using peer = await IrcPeer.connectUser(server.port, "tybalt");
    peer.send("JOIN #verona", "NICK mercutio");
    await expect.poll(() => nicks(room)).toEqual(["mercutio", "romeo"]);
    expect(changes.at(-1)).toMatchObject({ reason: Reason.Renamed });
    const services = await IrcPeer.connectServices(server.port);
    const users = ["ann", "bob", "cat"];
    services.send(
      ...users.map((nick) => `:${SERVICES} NICK ${nick} 1 ~user host 1 + :User`),
      `:${SERVICES} NJOIN #verona :${users.join(",")}`,
    );
    await expect.poll(() => room.members.size).toBe(5);
    const before = changes.length;
    await services[Symbol.asyncDispose]();
    await expect.poll(() => nicks(room)).toEqual(["mercutio", "romeo"]);
    expect(changes.slice(before)).toMatchObject([{ reason: Reason.Separated, added: [] }]);
    expect(
      changes
        .at(-1)
        ?.removed.map((user) => room.identifier(user))
        .toSorted(),
    ).toEqual(users);
    await romeo.names.setAlias(romeo.selfHandle, "Montague");
    await expect.poll(() => nicks(room)).toEqual(["mercutio", "montague"]);
    expect(room.identifier(room.selfHandle)).toBe("montague");
    await room.leave();
    await romeo.names.setAlias(romeo.selfHandle, "Romeo");
    expect(setup.errors).toEqual([]);
  });

  test("a message that the room does not accept is reported as not delivered", async () => {
    const room = await join(romeo, "#verona");
    const config = roomConfigOf(setup.client, room.target);
    await expect.poll(() => config.properties.configurationRetrieved.get()).toBe(true);
    await config.updateConfiguration({ moderated: true });
    const other = await join(juliet, "#verona");
    const reports: ChatMessage[] = [];
    other.listen({ messageReceived: (message) => reports.push(message) });
    await other.send("Good night!");
    await expect.poll(() => reports.map(({ type }) => type)).toEqual([ChannelTextMessageType.DeliveryReport]);
    await Promise.all([room.leave(), other.leave()]);
  });
});
