import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import {
  InvalidArgumentError,
  InvalidHandleError,
  NotAvailableError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { expect, test } from "vitest";
import type { ChatMessage } from "../../../../runtime/telepathy/client/chat-message.ts";
import type { ReadyConnection } from "../../../../runtime/telepathy/client/ready-connection.ts";
import { RemoteManager } from "../../../../runtime/telepathy/client/remote-manager.ts";
import type { TextChat } from "../../../../runtime/telepathy/client/text-chat.ts";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";
import { loopbackProtocol } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { startTestManager } from "../test-manager.ts";

/** Returns the next messages of a channel. */
async function take(chat: TextChat, count: number): Promise<readonly ChatMessage[]> {
  const messages: ChatMessage[] = [];
  for await (const message of chat.messages()) {
    messages.push(message);
    if (messages.length === count) break;
  }
  return messages;
}

async function firstIncoming(connection: ReadyConnection): Promise<TextChat> {
  for await (const chat of connection.chats.incoming()) return chat;
  throw new Error("no channel came in");
}

test.each(Object.values(DIALECTS))("two users of $name write to each other", async (dialect) => {
  await using setup = await startTestManager([loopbackProtocol()], { dialects: [dialect] });
  const manager = new RemoteManager(setup.client, "test", dialect.root);
  await using romeo = await manager.connect("loopback", { account: "Romeo" });
  await using juliet = await manager.connect("loopback", { account: "Juliet" });
  const toJuliet = await romeo.chats.ensure("JULIET");
  expect(toJuliet.properties).toEqual({
    targetType: 1,
    targetHandle: 2,
    targetId: "juliet",
    isRequested: true,
    initiatorId: "romeo",
  });
  expect(toJuliet.isOurs).toBe(true);
  expect((await romeo.chats.ensure("juliet")).isOurs).toBe(false);
  await expect(romeo.chats.create("juliet")).rejects.toBeInstanceOf(NotAvailableError);
  await expect(romeo.chats.ensure("")).rejects.toBeInstanceOf(InvalidHandleError);
  const token = await toJuliet.send("It is the east");
  await toJuliet.send("points", ChannelTextMessageType.Action);

  const toRomeo = await firstIncoming(juliet);
  expect(toRomeo.properties).toMatchObject({ targetId: "romeo", isRequested: false, initiatorId: "romeo" });
  const received = await take(toRomeo, 2);
  expect(received).toMatchObject([
    { id: 1, type: 0, text: "It is the east", senderId: "romeo", isRescued: false, isScrollback: false },
    { id: 2, type: 1, text: "points", senderId: "romeo" },
  ]);
  expect(received[0]?.parts[0]?.messageToken).toBe(token);
  await toRomeo.acknowledge(received.slice(0, 1));
  await expect(toRomeo.acknowledge(received)).rejects.toBeInstanceOf(InvalidArgumentError);
  expect((await toRomeo.pending()).map(({ text }) => text)).toEqual(["points"]);

  // One message arrives during the iteration, and then the iteration ends.
  const texts: string[] = [];
  const reading = (async () => {
    for await (const message of toRomeo.messages()) {
      texts.push(message.text);
      await toRomeo.acknowledge([message]);
      if (message.text === "third") await toRomeo.close();
    }
  })();
  await toJuliet.send("third");
  await reading;
  expect(texts).toEqual(["points", "third"]);
  expect(await juliet.chats.list()).toEqual([]);
  expect((await romeo.chats.list()).map(({ properties }) => properties.targetId)).toEqual(["juliet"]);
});

test("an iteration throws when the connection ends, and a rescued message comes with the new channel", async () => {
  await using setup = await startTestManager([loopbackProtocol()]);
  const manager = new RemoteManager(setup.client, "test");
  await using connection = await manager.connect("loopback", { account: "me" });
  const chat = await connection.chats.ensure("echo");
  await chat.send("anyone?");
  await take(chat, 1);
  await chat.close();
  const rescued = await firstIncoming(connection);
  const messages = rescued.messages();
  expect((await messages.next()).value).toMatchObject({ text: "anyone?", isRescued: true, senderId: "echo" });
  const lastMessage = messages.next().catch(() => undefined);
  const waiting = connection.chats.incoming();
  expect((await waiting.next()).value?.properties.targetId).toBe("echo");
  const noMore = expect(waiting.next()).rejects.toMatchObject({ errorName: "im.telepathy1.Error.Cancelled" });
  await connection.disconnect();
  await noMore;
  await lastMessage;
});
