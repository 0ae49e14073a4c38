import { type Bus, connect, type Target, UnknownObjectError, Variant } from "@dbus-codegen-ts/runtime";
import { ChannelClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel";
import { Destroyable1Client } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Destroyable1";
import {
  ChannelTextMessageType,
  type MessagePart,
  TextClient,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { RequestsClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import { ChannelClient as ChannelClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel";
import { MessagesClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Messages";
import { TextClient as TextClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Type.Text";
import { ConnectionClient as ConnectionClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection";
import { RequestsClient as RequestsClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Requests";
import { describe, expect, test } from "vitest";
import { RemoteManager } from "../../../../../runtime/telepathy/client/remote-manager.ts";
import { pathIn, pathToBusName } from "../../../../../runtime/telepathy/connection/object-names.ts";
import { DIALECTS } from "../../../../../runtime/telepathy/dialects/dialects.ts";
import { loopbackProtocol } from "../../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { startTestManager, type TestSetup, until } from "../../test-manager.ts";

const { "telepathy-1-2012": first, "telepathy-0": released } = DIALECTS;
const { Normal, Action } = ChannelTextMessageType;
const CHANNEL = "im.telepathy1.Channel";
const CHANNEL0 = "org.freedesktop.Telepathy.Channel";

/** Returns the bus name and object path in `telepathy-0` of a connection or channel. */
function targetInTelepathy0({ path }: Target): Target {
  const renamed = pathIn(released.root, path);
  return { path: renamed, destination: pathToBusName(renamed.split("/").slice(0, 8).join("/")) };
}

function textRequest(identifier: string, others: Record<string, Variant> = {}): Record<string, Variant> {
  return {
    [`${CHANNEL}.ChannelType`]: new Variant("s", `${CHANNEL}.Type.Text`),
    [`${CHANNEL}.TargetHandleType`]: new Variant("u", HandleType.Contact),
    [`${CHANNEL}.TargetID`]: new Variant("s", identifier),
    ...others,
  };
}

function withText(content: string, messageType: ChannelTextMessageType = Normal): MessagePart[] {
  return [{ messageType }, { contentType: "text/plain", content }];
}

function textOf(message: readonly MessagePart[]): string | undefined {
  return message[1]?.content;
}

/** A loopback connection that is served in two dialects, with clients in the first dialect. */
interface Fixture extends AsyncDisposable {
  readonly setup: TestSetup;
  readonly target: Target;
  readonly requests: RequestsClient;
  /** Signals of the connection and of its channel with `you`, in both dialects. */
  readonly signals: unknown[];
  connect(account: string): Promise<Target>;
  channel(path: string): Target;
}

async function start(): Promise<Fixture> {
  const setup = await startTestManager([loopbackProtocol()], { dialects: [first, released] });
  const manager = new RemoteManager(setup.client, "test");
  const connectAccount = async (account: string): Promise<Target> =>
    (await manager.connect("loopback", { account })).target;
  const target = await connectAccount("me");
  const requests = new RequestsClient(setup.client, target);
  const requests0 = new RequestsClient0(setup.client, targetInTelepathy0(target));
  const connection0 = new ConnectionClient0(setup.client, targetInTelepathy0(target));
  const signals: unknown[] = [];
  await requests.signals.newChannels.subscribe((channels) => signals.push(["NewChannels", channels]));
  await requests.signals.channelClosed.subscribe((path) => signals.push(["ChannelClosed", path]));
  await requests0.signals.newChannels.subscribe(([channel]) => signals.push(["old NewChannels", channel?.channel]));
  await connection0.signals.newChannel.subscribe((...args) => signals.push(["old NewChannel", ...args]));
  return {
    setup,
    target,
    requests,
    signals,
    connect: connectAccount,
    channel: (path) => ({ destination: target.destination, path }),
    [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose](),
  };
}

/** Resolves when the client has received all signals that were sent before the call. */
async function drain({ setup, target }: Fixture): Promise<void> {
  await new RequestsClient(setup.client, target).properties.channels.get();
  await new RequestsClient0(setup.client, targetInTelepathy0(target)).properties.channels.get();
}

test("a requested channel has the same properties in the reply, the signal and the list, in both dialects", async () => {
  await using fixture = await start();
  const { requests, signals, setup, target } = fixture;
  let isReplied = false;
  const created = requests.createChannel(textRequest("You")).finally(() => {
    isReplied = true;
  });
  await until("the channel was announced", () => signals.length === 3);
  expect(isReplied).toBe(true);
  const [path, properties] = await created;
  const expected = {
    [`${CHANNEL}.ChannelType`]: `${CHANNEL}.Type.Text`,
    [`${CHANNEL}.Interfaces`]: [`${CHANNEL}.Interface.Destroyable1`],
    [`${CHANNEL}.TargetHandle`]: 2,
    [`${CHANNEL}.TargetID`]: "you",
    [`${CHANNEL}.TargetHandleType`]: 1,
    [`${CHANNEL}.Requested`]: true,
    [`${CHANNEL}.InitiatorHandle`]: 1,
    [`${CHANNEL}.InitiatorID`]: "me",
    [`${CHANNEL}.Type.Text.SupportedContentTypes`]: ["text/plain"],
    [`${CHANNEL}.Type.Text.MessageTypes`]: [0, 1, 2],
    [`${CHANNEL}.Type.Text.MessagePartSupportFlags`]: 0,
    [`${CHANNEL}.Type.Text.DeliveryReportingSupport`]: 1,
  };
  expect(Object.fromEntries(Object.entries(properties).map(([name, { value }]) => [name, value]))).toEqual(expected);
  const old = targetInTelepathy0({ ...target, path });
  expect(signals).toEqual([
    ["NewChannels", [{ channel: path, properties }]],
    ["old NewChannels", old.path],
    ["old NewChannel", old.path, `${CHANNEL0}.Type.Text`, 1, 2, true],
  ]);
  expect(await requests.properties.channels.get()).toEqual([{ channel: path, properties }]);
  const channel = new ChannelClient(setup.client, fixture.channel(path));
  expect(await channel.properties.targetID.get()).toBe("you");
  expect(await channel.properties.requested.get()).toBe(true);
  const channel0 = new ChannelClient0(setup.client, old);
  expect(await channel0.getChannelType()).toBe(`${CHANNEL0}.Type.Text`);
  expect(await channel0.getHandle()).toEqual([1, 2]);
  expect(await channel0.getInterfaces()).toEqual([
    `${CHANNEL0}.Interface.Messages`,
    `${CHANNEL0}.Interface.Destroyable`,
  ]);
  const connection0 = new ConnectionClient0(setup.client, targetInTelepathy0(target));
  expect(await connection0.listChannels()).toEqual([
    { channel: old.path, channelType: `${CHANNEL0}.Type.Text`, handleType: 1, handle: 2 },
  ]);
});

test("the second request gets the same channel and is not responsible for it", async () => {
  await using fixture = await start();
  const { requests, setup, target } = fixture;
  const [isMine, path] = await requests.ensureChannel(textRequest("you"));
  const [isYours, same] = await requests.ensureChannel(textRequest("YOU"));
  expect([isMine, isYours, same]).toEqual([true, false, path]);
  const connection0 = new ConnectionClient0(setup.client, targetInTelepathy0(target));
  expect(await connection0.requestChannel(`${CHANNEL0}.Type.Text`, HandleType.Contact, 2, true)).toBe(
    targetInTelepathy0({ ...target, path }).path,
  );
  await expect(requests.createChannel(textRequest("you"))).rejects.toMatchObject({
    errorName: "im.telepathy1.Error.NotAvailable",
  });
});

test("requests that cannot be fulfilled are refused, and create no channel", async () => {
  await using fixture = await start();
  const rows: readonly (readonly [string, Record<string, Variant>, string])[] = [
    ["without a channel type", {}, "InvalidArgument"],
    [
      "of another type",
      { ...textRequest("you"), [`${CHANNEL}.ChannelType`]: new Variant("s", "x.y") },
      "NotImplemented",
    ],
    ["with an invalid contact", textRequest(""), "InvalidHandle"],
    ["with an unknown property", textRequest("you", { "x.Y": new Variant("b", true) }), "NotImplemented"],
    ["as incoming", textRequest("you", { [`${CHANNEL}.Requested`]: new Variant("b", false) }), "InvalidArgument"],
    ["with two targets", textRequest("you", { [`${CHANNEL}.TargetHandle`]: new Variant("u", 1) }), "InvalidArgument"],
    ["with a list", textRequest("you", { [`${CHANNEL}.TargetHandleType`]: new Variant("u", 3) }), "NotImplemented"],
    [
      "with a wrong type",
      textRequest("you", { [`${CHANNEL}.TargetHandleType`]: new Variant("s", "1") }),
      "InvalidArgument",
    ],
  ];
  for (const [description, request, error] of rows) {
    for (const call of [fixture.requests.createChannel(request), fixture.requests.ensureChannel(request)]) {
      await expect(call, description).rejects.toMatchObject({ errorName: `im.telepathy1.Error.${error}` });
    }
  }
  await drain(fixture);
  expect(fixture.signals).toEqual([]);
});

describe("texts", () => {
  test("a contact repeats what it gets; both dialects report the same messages in order", async () => {
    await using fixture = await start();
    const { requests, setup, target } = fixture;
    const [, path] = await requests.ensureChannel(textRequest("you"));
    const text = new TextClient(setup.client, fixture.channel(path));
    const text0 = new TextClient0(setup.client, targetInTelepathy0({ ...target, path }));
    const messages0 = new MessagesClient(setup.client, targetInTelepathy0({ ...target, path }));
    const received: unknown[] = [];
    await text.signals.messageSent.subscribe((...args) => received.push(["MessageSent", ...args]));
    await text.signals.messageReceived.subscribe((message) => received.push(["MessageReceived", message]));
    await text0.signals.sent.subscribe((_time, ...args) => received.push(["Sent", ...args]));
    await text0.signals.received.subscribe((id, _time, ...args) => received.push(["Received", id, ...args]));
    let isReplied = false;
    const sent = messages0.sendMessage(withText("dances", Action), 0).finally(() => {
      isReplied = true;
    });
    await until("the message was repeated", () => received.length === 4);
    expect(isReplied).toBe(true);
    const messageToken = await sent;
    const content = { contentType: "text/plain", content: "dances" };
    expect(received).toMatchObject([
      [
        "MessageSent",
        [{ messageSender: 1, messageSenderId: "me", messageType: Action, messageToken }, content],
        0,
        messageToken,
      ],
      ["Sent", Action, "dances"],
      ["MessageReceived", [{ messageSender: 2, messageSenderId: "you", pendingMessageId: 1, messageToken }, content]],
      ["Received", 1, 2, Action, 0, "dances"],
    ]);
    expect(await text0.listPendingMessages(false)).toMatchObject([{ identifier: 1, sender: 2, text: "dances" }]);
    expect((await text.properties.pendingMessages.get()).map(textOf)).toEqual(["dances"]);
    expect(await messages0.getPendingMessageContent(1, [1])).toEqual(new Map([[1, new Variant("s", "dances")]]));
    const removed: unknown[] = [];
    await text.signals.pendingMessagesRemoved.subscribe((ids) => removed.push(ids));
    await text0.acknowledgePendingMessages([1]);
    await until("the message was removed", () => removed.length === 1);
    expect(removed).toEqual([[1]]);
    await expect(text.acknowledgePendingMessages([1])).rejects.toMatchObject({
      errorName: "im.telepathy1.Error.InvalidArgument",
    });
  });

  test("two users write to each other, and unread messages survive the client", async () => {
    await using fixture = await start();
    const { requests, setup } = fixture;
    const other = await fixture.connect("You");
    const otherRequests = new RequestsClient(setup.client, other);
    const incoming: string[] = [];
    await otherRequests.signals.newChannels.subscribe((channels) =>
      incoming.push(...channels.map(({ channel }) => channel)),
    );
    {
      await using writer: Bus = await connect({ bus: setup.daemon.address });
      const [, path] = await new RequestsClient(writer, fixture.target).ensureChannel(textRequest("you"));
      const text = new TextClient(writer, fixture.channel(path));
      for (const line of ["one", "two"]) await text.sendMessage(withText(line), 0);
    }
    await until("a channel came in", () => incoming.length === 1);
    const [path = ""] = incoming;
    const channel = new ChannelClient(setup.client, { ...other, path });
    expect(await channel.properties.requested.get()).toBe(false);
    expect(await channel.properties.initiatorID.get()).toBe("me");
    {
      // This client reads one message and leaves the bus without closing the channel.
      await using reader: Bus = await connect({ bus: setup.daemon.address });
      const text = new TextClient(reader, { ...other, path });
      const [message = []] = await text.properties.pendingMessages.get();
      await text.acknowledgePendingMessages([message[0]?.pendingMessageId ?? 0]);
    }
    const text = new TextClient(setup.client, { ...other, path });
    expect((await text.properties.pendingMessages.get()).map(textOf)).toEqual(["two"]);
    expect(await requests.properties.channels.get()).toHaveLength(1);
  });

  test("messages that cannot be sent are refused", async () => {
    await using fixture = await start();
    const [, path] = await fixture.requests.ensureChannel(textRequest("you"));
    const text = new TextClient(fixture.setup.client, fixture.channel(path));
    const rows: readonly (readonly [string, MessagePart[]])[] = [
      ["without parts", []],
      ["without content", [{}]],
      ["with an image", [{}, { contentType: "image/png", extra: { content: new Variant("ay", new Uint8Array(1)) } }]],
      ["with a text and an image", [{}, { contentType: "text/plain", content: "x" }, { contentType: "image/png" }]],
      ["of type delivery report", withText("x", ChannelTextMessageType.DeliveryReport)],
    ];
    for (const [description, message] of rows) {
      await expect(text.sendMessage(message, 0), description).rejects.toMatchObject({
        errorName: "im.telepathy1.Error.InvalidArgument",
      });
    }
  });
});

describe("closing", () => {
  test("Close emits Closed and ChannelClosed in both dialects, and the object is gone", async () => {
    await using fixture = await start();
    const { requests, signals, setup, target } = fixture;
    const [, path] = await requests.ensureChannel(textRequest("you"));
    const channel0 = new ChannelClient0(setup.client, targetInTelepathy0({ ...target, path }));
    const channel = new ChannelClient(setup.client, fixture.channel(path));
    await channel.signals.closed.subscribe(() => signals.push("Closed"));
    await channel0.signals.closed.subscribe(() => signals.push("old Closed"));
    await channel0.close();
    await drain(fixture);
    expect(signals.slice(3)).toEqual(["Closed", "old Closed", ["ChannelClosed", path]]);
    await expect(channel.close()).rejects.toBeInstanceOf(UnknownObjectError);
    expect(await requests.properties.channels.get()).toEqual([]);
  });

  test("a channel that is closed with unread messages returns as an incoming channel; Destroy drops them", async () => {
    await using fixture = await start();
    const { requests, signals, setup } = fixture;
    const [, path] = await requests.ensureChannel(textRequest("you"));
    const text = new TextClient(setup.client, fixture.channel(path));
    const received: unknown[] = [];
    await text.signals.messageReceived.subscribe((message) => received.push(message));
    await text.sendMessage(withText("unread"), 0);
    await until("the message was repeated", () => received.length === 1);
    signals.length = 0;
    await new ChannelClient(setup.client, fixture.channel(path)).close();
    await drain(fixture);
    const [[next] = [undefined]] = [await requests.properties.channels.get()];
    expect(signals.slice(0, 2)).toEqual([
      ["ChannelClosed", path],
      ["NewChannels", [next]],
    ]);
    expect(next?.channel).not.toBe(path);
    expect(next?.properties[`${CHANNEL}.Requested`]?.value).toBe(false);
    expect(next?.properties[`${CHANNEL}.InitiatorID`]?.value).toBe("you");
    const respawned = fixture.channel(next?.channel ?? "");
    expect(await new TextClient(setup.client, respawned).properties.pendingMessages.get()).toMatchObject([
      [{ rescued: true, messageSenderId: "you", pendingMessageId: 1 }, { content: "unread" }],
    ]);
    await new Destroyable1Client(setup.client, respawned).destroy();
    await drain(fixture);
    expect(await requests.properties.channels.get()).toEqual([]);
  });

  test("channels end with their connection", async () => {
    await using fixture = await start();
    const { requests, signals, setup, target } = fixture;
    const [, path] = await requests.ensureChannel(textRequest("you"));
    const channel = new ChannelClient(setup.client, fixture.channel(path));
    await channel.signals.closed.subscribe(() => signals.push("Closed"));
    const connection0 = new ConnectionClient0(setup.client, targetInTelepathy0(target));
    await connection0.disconnect();
    await until("the channel was closed", () => signals.includes("Closed"));
    expect(fixture.setup.errors).toEqual([]);
  });
});
