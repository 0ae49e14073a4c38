import { Variant } from "@dbus-codegen-ts/runtime";
import {
  ChannelTextSendError,
  DeliveryStatus,
  ChannelTextMessageType as Type,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { expect, test } from "vitest";
import type { ChatMessage } from "../../../../../runtime/telepathy/client/chat-message.ts";
import type { ReadyConnection } from "../../../../../runtime/telepathy/client/ready-connection.ts";
import { RemoteManager } from "../../../../../runtime/telepathy/client/remote-manager.ts";
import type { TextChat } from "../../../../../runtime/telepathy/client/text-chat.ts";
import { irc } from "../../../../../runtime/telepathy/protocols/irc/irc.ts";
import { startTestManager } from "../../test-manager.ts";
import { IrcServer, MISSING_PROGRAM } from "./ngircd.ts";

/** Returns the next messages of a channel, and acknowledges them. */
async function take(chat: TextChat, count: number): Promise<readonly ChatMessage[]> {
  const messages: ChatMessage[] = [];
  for await (const message of chat.messages()) {
    messages.push(message);
    await chat.acknowledge([message]);
    if (messages.length === count) break;
  }
  return messages;
}

async function firstIncoming(connection: ReadyConnection): Promise<TextChat> {
  for await (const chat of connection.chats.incoming()) return chat;
  throw new Error("no channel came in");
}

test.skipIf(MISSING_PROGRAM !== undefined)("two users write to each other over ngircd", async () => {
  await using server = await IrcServer.start();
  await using setup = await startTestManager([irc]);
  const manager = new RemoteManager(setup.client, "test");
  const connect = (account: string): Promise<ReadyConnection> =>
    manager.connect("irc", { account, server: "127.0.0.1", extra: { port: new Variant("q", server.port) } });
  await using romeo = await connect("Romeo");
  await using juliet = await connect("Juliet");
  const toJuliet = await romeo.chats.ensure("JULIET");
  const long = "Ä 😀 wherefore art thou ".repeat(30);
  await toJuliet.send("hi\nthere");
  await toJuliet.send("waves", Type.Action);
  await toJuliet.send("by the way", Type.Notice);
  await toJuliet.send(long);
  const toRomeo = await firstIncoming(juliet);
  expect(toRomeo.properties).toMatchObject({ targetId: "romeo", isRequested: false, initiatorId: "romeo" });
  const received = await take(toRomeo, 6);
  expect(received.map(({ type, text, senderId }) => [type, text, senderId]).slice(0, 4)).toEqual([
    [Type.Normal, "hi", "romeo"],
    [Type.Normal, "there", "romeo"],
    [Type.Action, "waves", "romeo"],
    [Type.Notice, "by the way", "romeo"],
  ]);
  // ngIRCd removes the space at the end of a line.
  const withoutSpaces = (texts: readonly string[]): string => texts.join("").replaceAll(" ", "");
  const pieces = received.slice(4).map(({ text }) => text);
  while (withoutSpaces(pieces).length < withoutSpaces([long]).length) {
    pieces.push(...(await take(toRomeo, 1)).map(({ text }) => text));
  }
  expect(withoutSpaces(pieces)).toBe(withoutSpaces([long]));
  await toRomeo.send("yes?");
  expect((await take(toJuliet, 1)).map(({ text }) => text)).toEqual(["yes?"]);

  // The contact Mercutio does not exist.
  const toMercutio = await romeo.chats.ensure("Mercutio");
  await toMercutio.send("where are you?");
  const [report] = await take(toMercutio, 1);
  expect(report).toMatchObject({
    type: Type.DeliveryReport,
    senderId: "mercutio",
    delivery: {
      status: DeliveryStatus.TemporarilyFailed,
      error: ChannelTextSendError.Offline,
      errorName: "im.telepathy1.Error.Offline",
    },
  });
  expect(report?.parts[0]?.deliveryEcho?.[1]?.["content"]?.value).toBe("where are you?");
  expect(setup.errors).toEqual([]);
});
