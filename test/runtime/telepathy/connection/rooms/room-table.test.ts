import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ChannelFullError, InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { beforeEach, expect, test } from "vitest";
import type { Room, RoomListener } from "../../../../../runtime/telepathy/connection/rooms/room.ts";
import type {
  JoinResult,
  MembersCause,
  RoomHost,
  RoomProtocol,
} from "../../../../../runtime/telepathy/protocols/rooms.ts";
import { ROOM_LIMITS } from "../../../../../runtime/telepathy/quotas.ts";
import { CLIENT, TableFixture } from "./table-fixture.ts";

const BY_ANN: MembersCause = { actor: "ann", reason: Reason.None, message: "" };
const ALL_PERMITTED = { invite: true, removeMembers: true, setSubject: true, configure: true };

let calls: string[];
/** Returns the result of each join. By default the user joins the room. */
let join: (host: RoomHost, room: string, password: string) => Promise<JoinResult>;
let table: TableFixture;
let host: RoomHost;

beforeEach(() => {
  calls = [];
  join = async (receiver, room) => {
    receiver.joined(room, ["ann"]);
    receiver.permissionsChanged(room, ALL_PERMITTED);
    return "joined";
  };
  const note = (...words: readonly string[]): void => void calls.push(words.join(" "));
  table = new TableFixture((receiver): RoomProtocol => {
    host = receiver;
    return {
      mutableSettings: ["limit"],
      join: (room, password) => join(receiver, room, password),
      leave: (room, message) => note("leave", room, message),
      invite: (room, contact) => note("invite", room, contact),
      remove: (room, contact, message) => note("remove", room, contact, message),
      setSubject: (room, subject) => note("subject", room, subject),
      configure: (room, changes) => note("configure", room, JSON.stringify(changes)),
      describe: (name) => ({ name, server: "" }),
    };
  });
});

/** Joins a room and opens its channel, as CreateChannel does. Returns the room. */
async function request(name: string): Promise<Room> {
  const [handle = 0] = table.requestHandles(HandleType.Room, [name]);
  const target = { type: HandleType.Room, handle, identifier: name };
  await table.rooms.open(target, CLIENT);
  table.channels.open(target, undefined);
  await table.settle();
  return known(name);
}

function known(name: string): Room {
  const room = table.room(name);
  if (room === undefined) throw new Error(`${name} is not known`);
  return room;
}

function members(room: Room): readonly string[] {
  return [...room.group.members].map((handle) => table.identifier(handle)).toSorted();
}

/** Records all events of a room. */
function observe(room: Room): unknown[] {
  const events: unknown[] = [];
  const names = [
    "membersChanged",
    "selfHandleChanged",
    "flagsChanged",
    "passwordRequiredChanged",
    "subjectChanged",
    "configurationChanged",
  ] as const;
  const entries = names.map((name) => [name, (...args: readonly unknown[]) => void events.push([name, ...args])]);
  room.addListener(Object.fromEntries(entries) as RoomListener);
  return events;
}

test("a new identifier of the user replaces the handle in all rooms", async () => {
  const room = await request("#tea");
  const events = observe(room);
  const renamed = table.contact("me2");
  table.rooms.selfHandleChanged(table.selfHandle, renamed);
  expect(members(room)).toEqual(["ann", "me2"]);
  expect(events).toMatchObject([
    ["selfHandleChanged", renamed],
    ["membersChanged", { added: [renamed], removed: [table.selfHandle], actor: renamed, reason: Reason.Renamed }],
  ]);
  await table.operations.removeMembers(room, [renamed], "bye");
  expect(calls).toEqual(["leave #tea bye"]);
});

test("a room that the server makes the user join has a channel that no client requested", async () => {
  host.joined("#tea", ["ann"]);
  host.membersChanged("#tea", { ...BY_ANN, added: ["bob"] });
  await table.settle();
  expect(members(known("#tea"))).toEqual(["ann", "bob", "me"]);
  expect(table.added.map(({ identity }) => identity.origin)).toEqual([{ isRequested: false, initiator: undefined }]);
});

test("when a client closes the channel, the user leaves the room, and later events of the room are ignored", async () => {
  await request("#tea");
  const [channel] = table.added;
  if (channel !== undefined) table.channels.close(channel);
  host.membersChanged("#tea", { ...BY_ANN, removed: ["ann"] });
  host.left("#tea", BY_ANN);
  await table.settle();
  expect([calls, table.closed, table.room("#tea")]).toEqual([["leave #tea "], [channel], undefined]);
});

test("a kicked user: the last change of members has the reason, and the channel is closed", async () => {
  const room = await request("#tea");
  const events = observe(room);
  host.left("#tea", { actor: "ann", reason: Reason.Kicked, message: "out" });
  await table.settle();
  expect(events[0]).toMatchObject([
    "membersChanged",
    { removed: [table.selfHandle], reason: Reason.Kicked, message: "out" },
  ]);
  expect([table.closed.length, calls]).toEqual([1, []]);
});

test("an invitation remains if the user cannot join, and is closed when it is declined", async () => {
  host.invited("#tea", "ann", "come in");
  await table.settle();
  const room = known("#tea");
  const cause = { actor: table.contact("ann"), reason: Reason.Invited, message: "come in" };
  expect([...room.group.localPending]).toEqual([[table.selfHandle, cause]]);
  join = async () => {
    throw new ChannelFullError("full");
  };
  await expect(table.operations.addMembers(room, [table.selfHandle])).rejects.toBeInstanceOf(ChannelFullError);
  expect([room.state, [...room.group.localPending]]).toEqual(["invited", [[table.selfHandle, cause]]]);
  await table.operations.removeMembers(room, [table.selfHandle], "");
  expect([table.closed.length, calls, table.room("#tea")]).toEqual([1, [], undefined]);
});

test("an accepted invitation to a room with a password requires it", async () => {
  host.invited("#tea", "ann", "");
  await table.settle();
  const room = known("#tea");
  const events = observe(room);
  join = async (receiver, name, password) => {
    if (password !== "rose") return "password-required";
    receiver.joined(name, ["ann"]);
    return "joined";
  };
  await table.operations.addMembers(room, [table.selfHandle]);
  expect([room.isPasswordRequired, [...room.group.remotePending]]).toEqual([true, [table.selfHandle]]);
  expect(await table.operations.providePassword(room, "thorn")).toBe(false);
  expect(await table.operations.providePassword(room, "")).toBe(false);
  expect(await table.operations.providePassword(room, "rose")).toBe(true);
  expect(members(room)).toEqual(["ann", "me"]);
  const flags = events.filter((event) => Array.isArray(event) && event[0] === "passwordRequiredChanged");
  expect(flags).toEqual([
    ["passwordRequiredChanged", true],
    ["passwordRequiredChanged", false],
  ]);
});

test("invitations and members are limited", async () => {
  for (let number = 0; number <= ROOM_LIMITS.invitations; number++) host.invited(`#room${number}`, "ann", "");
  host.joined(
    "#tea",
    Array.from({ length: ROOM_LIMITS.members + 5 }, (_, number) => `user${number}`),
  );
  await table.settle();
  expect(table.added).toHaveLength(ROOM_LIMITS.invitations + 1);
  expect(known("#tea").group.size).toBe(ROOM_LIMITS.members);
});

test("contacts who are gone leave all rooms in one change each; others are not affected", async () => {
  const rooms = [await request("#tea"), await request("#milk")];
  host.membersChanged("#tea", { ...BY_ANN, added: ["bob"] });
  await table.settle();
  const events = rooms.map(observe);
  host.wentOffline(["ann", "bob", "eve"], { actor: "", reason: Reason.Separated, message: "a.b c.d" });
  await table.settle();
  const [ann, bob] = [table.contact("ann"), table.contact("bob")];
  expect(events).toMatchObject([
    [["membersChanged", { removed: [ann, bob], reason: Reason.Separated, actor: 0 }]],
    [["membersChanged", { removed: [ann] }]],
  ]);
});

test("a contact who was invited is remote pending until joining", async () => {
  const room = await request("#tea");
  const bob = table.contact("bob");
  await table.operations.addMembers(room, [bob, table.contact("ann")]);
  expect([calls, [...room.group.remotePending]]).toEqual([["invite #tea bob"], [bob]]);
  await expect(table.operations.removeMembers(room, [bob], "")).rejects.toThrow("withdrawn");
  host.membersChanged("#tea", { ...BY_ANN, added: ["bob"] });
  await table.settle();
  expect([members(room), room.group.remotePending.size]).toEqual([["ann", "bob", "me"], 0]);
});

test.each([
  ["of an unknown handle", [99], 0, InvalidHandleError],
  ["of a contact elsewhere", ["eve"], 0, "not in the room"],
  ["for an unknown reason", ["ann"], 12, "12 is not a reason"],
])("a removal %s does nothing", async (_, contacts, reason, problem) => {
  const room = await request("#tea");
  const handles = contacts.map((contact) => (typeof contact === "string" ? table.contact(contact) : contact));
  await expect(table.operations.removeMembers(room, [table.selfHandle, ...handles], "", reason)).rejects.toThrow(
    problem,
  );
  expect(calls).toEqual([]);
});

test("events are ignored after the end of the connection", async () => {
  table.isConnected = false;
  host.joined("#tea", []);
  host.invited("#milk", "ann", "");
  await table.settle();
  expect([table.added, table.errors]).toEqual([[], []]);
});

test("handles of members count for the client that requested the room; beyond its quota the room is left", async () => {
  join = async (receiver, room) => {
    receiver.joined(room, ["ann", "bob"]);
    return "joined";
  };
  await request("#tea");
  host.membersChanged("#tea", { ...BY_ANN, added: ["cat"] });
  await table.settle();
  const free = 200_000 - 3;
  expect([table.usage.hasRoom(CLIENT, free), table.usage.hasRoom(CLIENT, free + 1)]).toEqual([true, false]);
  table.usage.add(CLIENT, free);
  join = async (receiver, room) => {
    receiver.joined(room, ["dan"]);
    return "joined";
  };
  await expect(request("#milk")).rejects.toThrow(LimitsExceededError);
  expect([calls, table.room("#milk"), table.errors]).toEqual([["leave #milk "], undefined, []]);
});
