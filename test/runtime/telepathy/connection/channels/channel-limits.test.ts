import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import {
  ChannelTextMessageType,
  ChannelTextSendError,
  DeliveryStatus,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { ConnectionStatusReason, HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { DisconnectedError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { expect, test } from "vitest";
import type { Channel } from "../../../../../runtime/telepathy/connection/channels/channel.ts";
import type { SentMessage } from "../../../../../runtime/telepathy/connection/channels/message-parts.ts";
import { type ChatModel, CONSUMER, connectedChatModel, pendingTexts, textRequest } from "./chat-model.ts";

const NOTICE = "From here on messages were dropped, because 2 messages were not read.";

test("beyond the limit, messages are dropped, and one notice per overflow reports that", async () => {
  const chat = await connectedChatModel({ channels: { maxPendingMessages: 2 } });
  const { channel } = await chat.model.channels.ensure(textRequest("bob"), CONSUMER);
  let lost = 0;
  channel.addListener({ messageLost: () => lost++ });
  for (const text of ["a", "b", "c", "d"]) chat.receive("bob", text);
  await chat.settle();
  expect(pendingTexts(channel)).toEqual(["a", "b", NOTICE]);
  expect(lost).toBe(2);
  channel.acknowledge([1, 2]);
  chat.receive("bob", "e");
  await chat.settle();
  expect(pendingTexts(channel)).toEqual([NOTICE, "e"]);
  chat.receive("bob", "f");
  await chat.settle();
  expect(pendingTexts(channel)).toEqual([NOTICE, "e", NOTICE]);
  expect(
    channel.pending.all.map(([{ pendingMessageId, messageSenderId }]) => [pendingMessageId, messageSenderId]),
  ).toEqual([
    [3, undefined],
    [4, "bob"],
    [5, undefined],
  ]);
});

test("the total length is limited, but a single long message is kept", async () => {
  const chat = await connectedChatModel({ channels: { maxPendingLength: 10 } });
  chat.receive("bob", "x".repeat(50));
  chat.receive("bob", "y");
  await chat.settle();
  const [channel] = chat.model.channels.all;
  expect(channel && pendingTexts(channel)[0]).toBe("x".repeat(50));
  expect(channel?.pending.size).toBe(2);
});

test("the message of a contact beyond the limit of channels is reported, and requests fail", async () => {
  const chat = await connectedChatModel({ channels: { maxChannels: 1 } });
  chat.receive("ann", "hi");
  chat.receive("bob", "hi");
  await chat.settle();
  expect(chat.errors).toHaveLength(1);
  expect(chat.errors[0]).toBeInstanceOf(LimitsExceededError);
  await expect(chat.model.channels.ensure(textRequest("bob"), CONSUMER)).rejects.toBeInstanceOf(LimitsExceededError);
  expect((await chat.model.channels.ensure(textRequest("ann"), CONSUMER)).isYours).toBe(false);
});

test("requested channels count for the client until they are closed; those of contacts do not", async () => {
  const usage = new UsageCounts("channels", { perClient: 1, perUser: 10, total: 10 });
  const chat = await connectedChatModel({ channelUsage: usage });
  chat.receive("ann", "hi");
  await chat.settle();
  const { channel } = await chat.model.channels.ensure(textRequest("bob"), CONSUMER);
  await chat.model.channels.ensure(textRequest("ann"), CONSUMER);
  await expect(chat.model.channels.ensure(textRequest("cem"), CONSUMER)).rejects.toBeInstanceOf(LimitsExceededError);
  chat.receive("bob", "unread");
  await chat.settle();
  // The new channel with the pending message was caused by the contact, so it is not counted for the client.
  chat.model.channels.close(channel);
  expect(chat.model.channels.all.map(({ target }) => target.identifier)).toEqual(["ann", "bob"]);
  await chat.model.channels.ensure(textRequest("cem"), CONSUMER);
});

test.for<readonly [string, (chat: ChatModel) => void]>([
  ["is disconnected", (chat) => void chat.model.disconnect()],
  ["is lost", (chat) => chat.host.disconnected(ConnectionStatusReason.NetworkError)],
])(
  "each text that waits to be sent becomes a delivery report before the channels close, when a connection %s",
  async ([, end]) => {
    const chat = await connectedChatModel();
    const { channel } = await chat.model.channels.ensure(textRequest("bob"), CONSUMER);
    const texts = [
      { chat: { type: HandleType.Contact, identifier: "bob" }, type: ChannelTextMessageType.Normal, text: "one" },
      { chat: { type: HandleType.Contact, identifier: "bob" }, type: ChannelTextMessageType.Action, text: "two" },
      { chat: { type: HandleType.Contact, identifier: "ann" }, type: ChannelTextMessageType.Normal, text: "closed" },
    ];
    chat.unsent.push(...texts);
    const order: unknown[] = [];
    channel.addListener({
      messageReceived: ([headers]) => order.push([headers?.deliveryStatus, headers?.deliveryDbusError]),
      sendFailed: (_reason, sent) => order.push(sent?.text),
      closed: () => order.push("closed"),
    });
    end(chat);
    const report = [DeliveryStatus.TemporarilyFailed, DisconnectedError.errorName];
    expect(order).toEqual([report, "one", report, "two", "closed"]);
    // There is no channel in which the failure of the last text could be reported.
    expect(chat.errors).toHaveLength(1);
    await chat.model.ended;
  },
);

test("a failed delivery becomes a report with the message", async () => {
  const chat = await connectedChatModel();
  const { channel } = await chat.model.channels.ensure(textRequest("bob"), CONSUMER);
  const failures: (readonly [ChannelTextSendError, SentMessage | undefined])[] = [];
  channel.addListener({ sendFailed: (...args) => failures.push(args) });
  const token = await chat.model.texts.send(channel, [{}, { contentType: "Text/PLAIN", content: "hi" }]);
  chat.host.text.deliveryFailed({
    chat: { type: HandleType.Contact, identifier: "Bob" },
    reason: ChannelTextSendError.Offline,
    errorName: "im.telepathy1.Error.Offline",
    isPermanent: false,
    debugMessage: "No such nick",
  });
  await chat.settle();
  const [[headers, ...contents] = [{}]] = channel.pending.all;
  expect(contents).toEqual([]);
  expect(headers).toMatchObject({
    messageType: 4,
    messageSender: 2,
    messageSenderId: "bob",
    pendingMessageId: 1,
    deliveryStatus: DeliveryStatus.TemporarilyFailed,
    deliveryToken: token,
    deliveryError: ChannelTextSendError.Offline,
    deliveryDbusError: "im.telepathy1.Error.Offline",
    deliveryErrorMessage: "No such nick",
  });
  expect(headers.deliveryEcho?.[1]?.["content"]?.value).toBe("hi");
  expect(failures).toMatchObject([[ChannelTextSendError.Offline, { text: "hi", token }]]);
});

test("channels end with the connection, and later events are ignored", async () => {
  const chat = await connectedChatModel();
  const { channel } = await chat.model.channels.ensure(textRequest("bob"), CONSUMER);
  chat.receive("bob", "before");
  await chat.settle();
  chat.receive("ann", "too late");
  await chat.model.disconnect();
  await chat.settle();
  expect(chat.events).toEqual(["added 1 bob", "announced 1 bob", "closed 1 bob"]);
  expect(channel.isClosed).toBe(true);
  const parts = [{}, { contentType: "text/plain", content: "hi" }];
  await expect(chat.model.texts.send(channel, parts)).rejects.toBeInstanceOf(DisconnectedError);
  await expect(chat.model.channels.ensure(textRequest("bob"), CONSUMER)).rejects.toBeInstanceOf(DisconnectedError);
});

test("a closed channel sends nothing", async () => {
  const chat = await connectedChatModel();
  const { channel } = await chat.model.channels.ensure(textRequest("bob"), CONSUMER);
  chat.model.channels.close(channel);
  const sending = chat.model.texts.send(channel, [{}, { contentType: "text/plain", content: "hi" }]);
  await expect(sending).rejects.toBeInstanceOf(NotAvailableError);
  expect(chat.sent).toEqual([]);
});

test("a channel that is closed before its announcement is announced first", async () => {
  const chat = await connectedChatModel();
  const { channel }: { channel: Channel } = await chat.model.channels.ensure(textRequest("bob"), CONSUMER);
  chat.model.channels.close(channel);
  await chat.settle();
  expect(chat.events).toEqual(["added 1 bob", "announced 1 bob", "closed 1 bob"]);
});

test.each<[string, Parameters<typeof textOf>[0], string | undefined]>([
  ["plain text", [{}, { contentType: "text/plain", content: "hi" }], "hi"],
  [
    "formatted text with an alternative",
    [
      {},
      { contentType: "text/html", content: "<b>hi</b>", alternative: "x" },
      { contentType: "text/plain", content: "hi", alternative: "x" },
    ],
    "hi",
  ],
  ["a part without a type", [{}, { content: "ignored" }, { contentType: "text/plain", content: "hi" }], "hi"],
  ["formatted text only", [{}, { contentType: "text/html", content: "hi" }], undefined],
  ["an attachment", [{}, { contentType: "text/plain", content: "hi" }, { contentType: "image/png" }], undefined],
  [
    "two texts",
    [{}, { contentType: "text/plain", content: "a" }, { contentType: "text/plain", content: "b" }],
    undefined,
  ],
  ["an empty text", [{}, { contentType: "text/plain", content: "" }], undefined],
])("a message with %s", async (_, parts, text) => {
  expect(await textOf(parts)).toBe(text);
});

/** Sends a message. Returns the text that the protocol received; undefined if it received no text. */
async function textOf(parts: readonly Readonly<Record<string, string>>[]): Promise<string | undefined> {
  const chat = await connectedChatModel();
  const { channel } = await chat.model.channels.ensure(textRequest("bob"), CONSUMER);
  await chat.model.texts.send(channel, parts).catch(() => undefined);
  return chat.sent[0]?.message.text;
}
