import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  AuthenticationFailedError,
  ChannelInviteOnlyError,
  InvalidHandleError,
  NotAvailableError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { describe, expect, test } from "vitest";
import type { ChatMessage } from "../../../../runtime/telepathy/client/chat-message.ts";
import type { ReadyConnection } from "../../../../runtime/telepathy/client/ready-connection.ts";
import { RemoteManager } from "../../../../runtime/telepathy/client/remote-manager.ts";
import { RoomChannel } from "../../../../runtime/telepathy/client/room-channel.ts";
import type { RoomChange } from "../../../../runtime/telepathy/client/room-members.ts";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";
import { loopbackProtocol } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { roomConfigOf } from "../room-config.ts";
import { startTestManager } from "../test-manager.ts";

describe.each(Object.values(DIALECTS))("two users in a room of $name", (dialect) => {
  test("join, write, change the subject, are kicked and leave", async () => {
    await using setup = await startTestManager([loopbackProtocol()], { dialects: [dialect] });
    const manager = new RemoteManager(setup.client, "test", dialect.root);
    await using romeo = await manager.connect("loopback", { account: "romeo" });
    await using juliet = await manager.connect("loopback", { account: "juliet" });
    const room = await RoomChannel.join(setup.client, romeo, "#Verona");
    const other = await RoomChannel.join(setup.client, juliet, "#verona");
    await expect.poll(() => [...room.members.values()]).toEqual(["romeo", "juliet"]);
    expect([...other.members.values()].toSorted()).toEqual(["juliet", "romeo"]);

    const messages: ChatMessage[] = [];
    await room.send("before the listener");
    other.listen({ messageReceived: (message) => messages.push(message) });
    await room.send("Good night!");
    await expect
      .poll(() => messages.map(({ senderId, text }) => `${senderId}: ${text}`))
      .toEqual(["romeo: before the listener", "romeo: Good night!"]);

    await other.setSubject("Parting");
    await expect.poll(() => room.subject).toBe("Parting");

    const changes: RoomChange[] = [];
    room.listen({ membersChanged: (change) => changes.push(change) });
    const [handle = 0] = await romeo.handles(HandleType.Contact, ["juliet"]);
    await expect(other.kick([2])).rejects.toBeInstanceOf(PermissionDeniedError);
    await room.kick([handle], "It is late");
    const removal = { reason: Reason.Kicked, message: "It is late", actor: 2, removed: [1] };
    expect(await other.closed).toMatchObject(removal);
    await expect.poll(() => changes).toMatchObject([{ ...removal, actor: 1, removed: [handle] }]);
    await room.leave("Good night");
    expect(await room.closed).toMatchObject({ removed: [1], actor: 1, message: "Good night", reason: Reason.None });
    expect(setup.errors).toEqual([]);
  });

  test("invitations are accepted and declined", async () => {
    await using setup = await startTestManager([loopbackProtocol()], { dialects: [dialect] });
    const manager = new RemoteManager(setup.client, "test", dialect.root);
    await using romeo = await manager.connect("loopback", { account: "romeo" });
    await using juliet = await manager.connect("loopback", { account: "juliet" });
    const room = await RoomChannel.join(setup.client, romeo, "#verona");
    await roomConfigOf(setup.client, room.target).updateConfiguration({ inviteOnly: true });
    await expect(RoomChannel.join(setup.client, juliet, "#verona")).rejects.toBeInstanceOf(ChannelInviteOnlyError);
    const invitations: RoomChannel[] = [];
    await RoomChannel.watchInvitations(setup.client, juliet, (channel) => invitations.push(channel));
    const [handle = 0] = await romeo.handles(HandleType.Contact, ["juliet"]);

    await room.invite([handle]);
    expect([...room.invitedContacts]).toEqual([handle]);
    await expect.poll(() => invitations.length).toBe(1);
    const [declined] = invitations;
    expect(declined?.isInvitation).toBe(true);
    expect([...(declined?.members.values() ?? [])]).toEqual(["romeo"]);
    await expect(declined?.send("not a member")).rejects.toBeInstanceOf(NotAvailableError);
    await declined?.decline();
    await declined?.closed;

    await room.invite([handle]);
    // Loopback does not report that an invitation was declined, so the contact is still invited and a second
    // invitation has no effect.
    expect(invitations).toHaveLength(1);
    expect(await expectAccepted(setup.client, juliet, room, "#verona")).toEqual(["juliet", "romeo"]);
    expect([...room.invitedContacts]).toEqual([]);
  });

  test("a password is required", async () => {
    await using setup = await startTestManager([loopbackProtocol()], { dialects: [dialect] });
    const manager = new RemoteManager(setup.client, "test", dialect.root);
    await using romeo = await manager.connect("loopback", { account: "romeo" });
    await using juliet = await manager.connect("loopback", { account: "juliet" });
    const room = await RoomChannel.join(setup.client, romeo, "#verona");
    const config = roomConfigOf(setup.client, room.target);
    await config.updateConfiguration({ password: "rose", passwordProtected: true });
    expect(await config.properties.passwordProtected.get()).toBe(true);
    const join = (password?: string): Promise<RoomChannel> =>
      RoomChannel.join(setup.client, juliet, "#verona", password === undefined ? {} : { password });
    await expect(join()).rejects.toBeInstanceOf(AuthenticationFailedError);
    await expect(join("wrong")).rejects.toBeInstanceOf(AuthenticationFailedError);
    const other = await join("rose");
    expect([...other.members.values()].toSorted()).toEqual(["juliet", "romeo"]);
    expect(other.isPasswordRequired).toBe(false);
    await expect(other.providePassword("rose")).rejects.toBeInstanceOf(NotAvailableError);
    await expect(other.kick([99])).rejects.toBeInstanceOf(InvalidHandleError);
    expect(setup.errors).toEqual([]);
  });
});

/**
 * Joins an invited user to the room. Returns the sorted identifiers of the members, when both channels list all of
 * them.
 */
async function expectAccepted(
  bus: ConstructorParameters<typeof RemoteManager>[0],
  connection: ReadyConnection,
  room: RoomChannel,
  name: string,
): Promise<readonly string[]> {
  const channel = await RoomChannel.join(bus, connection, name);
  await expect.poll(() => room.members.size).toBe(channel.members.size);
  return [...channel.members.values()].toSorted();
}

test("a room is closed when its connection manager vanishes", async () => {
  await using setup = await startTestManager([loopbackProtocol()]);
  await using connection = await new RemoteManager(setup.client, "test").connect("loopback", { account: "romeo" });
  const room = await RoomChannel.join(setup.client, connection, "#Verona");
  await setup.service.close();
  expect(await room.closed).toBeUndefined();
});
