import { type Bus, type Target, Variant } from "@dbus-codegen-ts/runtime";
import {
  ChannelGroupFlags as Flags,
  Group1Client,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { Room1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Room1";
import { RoomConfig1Client } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.RoomConfig1";
import { RequestsClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import { InvalidArgumentError, NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { GroupClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Group";
import { Room2Client } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Room2";
import { Subject2Client } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Subject2";
import { RequestsClient as RequestsClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Requests";
import { ChannelGroupFlags as Flags2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Group1";
import { expect, test } from "vitest";
import { RemoteManager } from "../../../../../runtime/telepathy/client/remote-manager.ts";
import { RoomChannel } from "../../../../../runtime/telepathy/client/room-channel.ts";
import {
  CANONICAL_ROOT,
  type Dialect,
  type DialectName,
  nameIn,
} from "../../../../../runtime/telepathy/dialects/dialect.ts";
import { DIALECTS } from "../../../../../runtime/telepathy/dialects/dialects.ts";
import { loopbackProtocol } from "../../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { gdbusIntrospect } from "../../../../e2e/foreign.ts";
import { listMembers } from "../../../../e2e/introspection.ts";
import { startTestManager, type TestSetup } from "../../test-manager.ts";

const { "telepathy-1-2012": first, "telepathy-0": released } = DIALECTS;

/** Starts a connection manager with two loopback users, the first of which is in the room `#tea`. */
async function start(dialect: Dialect): Promise<{
  readonly setup: TestSetup;
  readonly bus: Bus;
  readonly target: Target;
  readonly joinOther: () => Promise<RoomChannel>;
  readonly room: RoomChannel;
}> {
  const setup = await startTestManager([loopbackProtocol()], { dialects: [dialect] });
  const bus = setup.client;
  const manager = new RemoteManager(bus, "test", dialect.root);
  const me = await manager.connect("loopback", { account: "me" });
  const room = await RoomChannel.join(bus, me, "#Tea");
  const joinOther = async (): Promise<RoomChannel> =>
    RoomChannel.join(bus, await manager.connect("loopback", { account: "you" }), "#tea");
  return { setup, bus, room, target: room.target, joinOther };
}

/** Expected members of each interface of rooms by dialect; those under `all` are in all dialects. */
const MEMBERS: Readonly<Record<string, Readonly<Partial<Record<"all" | DialectName, readonly string[]>>>>> = {
  Group1: {
    all: [
      "AddMembers(aus)",
      "GroupFlags u read",
      "HandleOwners a{uu} read",
      "LocalPendingMembers a(uuus) read",
      "MemberIdentifiers a{us} read",
      "Members au read",
      "RemotePendingMembers au read",
      "SelfHandle u read",
      "signal GroupFlagsChanged(uu)",
      "signal SelfContactChanged(us)",
    ],
    "telepathy-1-2012": [
      "RemoveMembers(ausu)",
      "signal HandleOwnersChangedDetailed(a{uu}aua{us})",
      "signal MembersChanged(sauauauauuu)",
      "signal MembersChangedDetailed(auauauaua{sv})",
    ],
    "telepathy-1-2013": [
      "RemoveMembers(ausu)",
      "signal HandleOwnersChanged(a{uu}aua{us})",
      "signal MembersChanged(auauauaua{sv})",
    ],
    "telepathy-0": [
      "GetAllMembers() auauau",
      "GetGroupFlags() u",
      "GetHandleOwners(au) au",
      "GetLocalPendingMembers() au",
      "GetLocalPendingMembersWithInfo() a(uuus)",
      "GetMembers() au",
      "GetRemotePendingMembers() au",
      "GetSelfHandle() u",
      "RemoveMembers(aus)",
      "RemoveMembersWithReason(ausu)",
      "signal HandleOwnersChanged(a{uu}au)",
      "signal HandleOwnersChangedDetailed(a{uu}aua{us})",
      "signal MembersChanged(sauauauauuu)",
      "signal MembersChangedDetailed(auauauaua{sv})",
      "signal SelfHandleChanged(u)",
    ],
  },
  Password1: {
    all: ["GetPasswordFlags() u", "ProvidePassword(s) b", "signal PasswordFlagsChanged(uu)"],
  },
  Room1: {
    all: ["CreationTimestamp x read", "Creator s read", "CreatorHandle u read", "RoomName s read", "Server s read"],
  },
  RoomConfig1: {
    all: [
      "Anonymous b read",
      "CanUpdateConfiguration b read",
      "ConfigurationRetrieved b read",
      "Description s read",
      "InviteOnly b read",
      "Limit u read",
      "Moderated b read",
      "MutableProperties as read",
      "Password s read",
      "PasswordHint s read",
      "PasswordProtected b read",
      "Persistent b read",
      "Private b read",
      "Title s read",
      "UpdateConfiguration(a{sv})",
    ],
  },
  Subject1: {
    all: ["Actor s read", "ActorHandle u read", "CanSet b read", "SetSubject(s)", "Subject s read", "Timestamp x read"],
  },
};

test.each(Object.values(DIALECTS))(
  "$name: channels of rooms have exactly the members of the dialect",
  async (dialect) => {
    const { setup, target } = await start(dialect);
    await using _ = setup;
    const xml = await gdbusIntrospect(setup.daemon.address, target.destination, target.path);
    for (const [iface, { all = [], [dialect.name]: some = [] }] of Object.entries(MEMBERS)) {
      const name = nameIn(dialect.root, `${CANONICAL_ROOT}.Channel.Interface.${iface}`);
      expect(listMembers(xml, name), name).toEqual([...all, ...some].sort());
    }
  },
);

test("flags have the numbers of the dialect", async () => {
  const expected = Flags.CanAdd | Flags.CanRemove | Flags.MessageRemove;
  const { Properties, MembersChangedDetailed, MessageDepart } = Flags;
  for (const [dialect, flags] of [
    [first, expected | Properties | MembersChangedDetailed | MessageDepart],
    [DIALECTS["telepathy-1-2013"], expected | Flags2013.MessageDepart],
  ] as const) {
    const { setup, bus, target } = await start(dialect);
    await using _ = setup;
    expect(await new Group1Client(bus, target).properties.groupFlags.get()).toBe(flags);
  }
});

test("telepathy-0: properties, Get methods and both signals of members agree", async () => {
  const { setup, bus, target, joinOther } = await start(released);
  await using _ = setup;
  const group = new GroupClient(bus, target);
  const signals: unknown[] = [];
  await group.signals.membersChanged.subscribe((...args) => signals.push(args));
  await group.signals.membersChangedDetailed.subscribe((...args) => signals.push(args));
  const other = await joinOther();
  await expect
    .poll(() => signals)
    .toEqual([
      ["", [2], [], [], [], 2, 0],
      [[2], [], [], [], { actor: 2, changeReason: 0, contactIds: new Map([[2, "you"]]) }],
    ]);
  expect(await group.getAllMembers()).toEqual([[1, 2], [], []]);
  expect(await group.getMembers()).toEqual(await group.properties.members.get());
  expect(await group.properties.memberIdentifiers.get()).toEqual(
    new Map([
      [1, "me"],
      [2, "you"],
    ]),
  );
  expect(await group.getSelfHandle()).toBe(1);
  expect(await group.getGroupFlags()).toBe(await group.properties.groupFlags.get());
  expect([
    await group.getLocalPendingMembers(),
    await group.getLocalPendingMembersWithInfo(),
    await group.getRemotePendingMembers(),
    [...(await group.properties.handleOwners.get())],
  ]).toEqual([[], [], [], []]);
  await expect(group.getHandleOwners([1])).rejects.toMatchObject({
    errorName: "org.freedesktop.Telepathy.Error.NotAvailable",
  });
  await expect(group.removeMembersWithReason([2], "", 99 as never)).rejects.toMatchObject({
    errorName: "org.freedesktop.Telepathy.Error.InvalidArgument",
  });
  const selfHandles: unknown[] = [];
  await new GroupClient(bus, other.target).signals.selfHandleChanged.subscribe((handle) => {
    selfHandles.push(handle);
  });
  await group.removeMembersWithReason([2], "out", 2);
  expect(await other.closed).toMatchObject({ reason: 2, message: "out" });
  // telepathy-glib crashes if the handle of the user becomes 0.
  expect(selfHandles).toEqual([]);
  expect(await new Room2Client(bus, target).properties.roomName.get()).toBe("#tea");
  const subject = new Subject2Client(bus, target);
  await subject.setSubject("Tea");
  expect(await subject.properties.actor.get()).toBe("me");
  expect(await subject.properties.actorHandle.get()).toBe(1);
  expect(setup.errors).toEqual([]);
});

test("settings that do not exist, have another type or cannot be changed are refused", async () => {
  const { setup, bus, target } = await start(first);
  await using _ = setup;
  const config = new RoomConfig1Client(bus, target);
  expect(await config.properties.mutableProperties.get()).toEqual([
    "InviteOnly",
    "Limit",
    "PasswordProtected",
    "Password",
  ]);
  for (const extra of [{ Colour: new Variant("s", "red") }, { Limit: new Variant("s", "5") }]) {
    await expect(config.updateConfiguration({ extra })).rejects.toBeInstanceOf(InvalidArgumentError);
  }
  await expect(config.updateConfiguration({ title: "Tea" })).rejects.toBeInstanceOf(NotImplementedError);
  await config.updateConfiguration({ limit: 5 });
  expect(await config.properties.limit.get()).toBe(5);
});

test.each(Object.values(DIALECTS))("$name: a room can be requested by its name", async ({ root, name }) => {
  const { setup, bus, target } = await start(DIALECTS[name]);
  await using _ = setup;
  const connection = { ...target, path: target.path.split("/").slice(0, -1).join("/") };
  const requests = root === CANONICAL_ROOT ? new RequestsClient(bus, connection) : new RequestsClient0(bus, connection);
  const channel = `${CANONICAL_ROOT}.Channel`;
  const request = (properties: Record<string, Variant>) => {
    const all = {
      [`${channel}.ChannelType`]: new Variant("s", nameIn(root, `${channel}.Type.Text`)),
      [`${channel}.TargetHandleType`]: new Variant("u", 2),
      ...properties,
    };
    return requests.ensureChannel(
      Object.fromEntries(Object.entries(all).map(([key, value]) => [nameIn(root, key), value])),
    );
  };
  const roomName = (text: string) => ({ [`${channel}.Interface.Room1.RoomName`]: new Variant("s", text) });
  const targetId = { [`${channel}.TargetID`]: new Variant("s", "#milk") };
  const [isYours, path, properties] = await request(roomName("#Milk"));
  expect([isYours, properties[nameIn(root, `${channel}.TargetID`)]?.value]).toEqual([true, "#milk"]);
  expect(properties[nameIn(root, `${channel}.Interface.Room1.RoomName`)]?.value).toBe("#milk");
  expect((await request({ ...targetId, ...roomName("") })).slice(0, 2)).toEqual([false, path]);
  await expect(request({ ...targetId, ...roomName("#milk") })).rejects.toMatchObject({
    errorName: nameIn(root, `${CANONICAL_ROOT}.Error.InvalidArgument`),
  });
});

test.each(Object.values(DIALECTS))(
  "$name: a room has the properties of its creator and its creation time",
  async (dialect) => {
    const earliest = Math.floor(Date.now() / 1000);
    const { setup, bus, target, joinOther } = await start(dialect);
    await using _ = setup;
    const other = await joinOther();
    const name = nameIn(dialect.root, Room1.name);
    const read = async ({ destination, path }: Target): Promise<readonly unknown[]> => {
      const call = { destination, path, interface: "org.freedesktop.DBus.Properties", member: "Get", signature: "ss" };
      const properties = ["Creator", "CreatorHandle", "CreationTimestamp"];
      const replies = await Promise.all(properties.map((property) => bus.call({ ...call, args: [name, property] })));
      return replies.map(([variant]) => variant instanceof Variant && variant.value);
    };
    const [creator, handle, time] = await read(target);
    expect([creator, handle]).toEqual(["me", 1]);
    expect(Number(time)).toBeGreaterThanOrEqual(earliest);
    expect(Number(time)).toBeLessThanOrEqual(Date.now() / 1000);
    // The user `me` has handle 2 on the connection of the second user.
    expect(await read(other.target)).toEqual(["me", 2, time]);
  },
);
