import {
  ChannelTextMessageType,
  DeliveryStatus,
  type MessagePart,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { expect, test } from "vitest";
import { type ChatMessage, toChatMessage, toParts } from "../../../../runtime/telepathy/client/chat-message.ts";

const PLAIN: MessagePart = { contentType: "text/plain", content: "hello" };

test.each<readonly [string, readonly MessagePart[], Partial<ChatMessage>]>([
  ["no parts", [], { id: 0, type: ChannelTextMessageType.Normal, text: "", senderHandle: 0, senderId: "" }],
  ["a sender", [{ messageSender: 2, messageSenderId: "juliet" }, PLAIN], { senderHandle: 2, senderId: "juliet" }],
  ["several texts", [{}, PLAIN, { ...PLAIN, content: "again" }], { text: "hello\nagain" }],
  [
    "an alternative in HTML, which is no plain text",
    [{}, { contentType: "text/html", content: "<b>hello</b>" }, PLAIN],
    { text: "hello" },
  ],
  [
    "the time of sending, which precedes that of receiving",
    [{ messageSent: 3n, messageReceived: 5n }],
    { timeMs: 3000 },
  ],
  [
    "a delivery report with an error of another dialect",
    [
      {
        deliveryStatus: DeliveryStatus.PermanentlyFailed,
        deliveryToken: "t",
        deliveryDbusError: "org.freedesktop.Telepathy.Error.Offline",
      },
    ],
    { delivery: { status: DeliveryStatus.PermanentlyFailed, token: "t", errorName: "im.telepathy1.Error.Offline" } },
  ],
])("a received message with %s", (_, parts, expected) => {
  expect(toChatMessage(parts)).toMatchObject({ ...expected, parts });
});

test("a sent text is received with its type", () => {
  expect(toChatMessage(toParts("waves", ChannelTextMessageType.Action))).toMatchObject({
    type: ChannelTextMessageType.Action,
    text: "waves",
  });
});
