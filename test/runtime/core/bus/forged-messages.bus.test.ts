import { describe, expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import type { Message } from "../../../../runtime/core/wire/message.ts";
import { forge } from "../../../reliability/forging.ts";
import { startStockBus } from "../../../reliability/stock-bus.ts";
import { rawBus, until } from "../../../reliability/support.ts";
import { cleanUp, daemon, open, useCrashingBus } from "../fixtures/lasting-bus.ts";
import { Everything } from "../fixtures/services.ts";

useCrashingBus();

describe("forged messages [C05, S15, S16]", () => {
  test("are not accepted on a stock session bus: replies, errors, owner changes and signals", async () => {
    await using stock = await startStockBus();
    const report = await forge(stock.address, 200);
    expect(report.replies).toEqual({ forged: 200, reached: 200, accepted: 0 });
    expect(report.errors).toEqual({ forged: 200, reached: 200, accepted: 0 });
    expect(report.ownerChanges).toMatchObject({ forged: 200, accepted: 0 });
    expect(report.ownerChanges.reached).toBeGreaterThanOrEqual(300);
  });

  test("are not accepted from a connection whose name resembles that of the bus", async () => {
    const victim = await open();
    const forger = await open();
    await expect(forger.requestName("org.freedesktop.DBus")).rejects.toThrow();
    await forger.requestName("org.freedesktop.DBus2");
    const owners: (string | undefined)[] = [];
    await victim.watchName(forger.uniqueName, (owner) => owners.push(owner));
    forger.emit({
      path: "/org/freedesktop/DBus",
      interface: "org.freedesktop.DBus",
      member: "NameOwnerChanged",
      codec: bodyCodec("sss"),
      args: [forger.uniqueName, forger.uniqueName, ""],
      destination: victim.uniqueName,
    });
    await until("the forgery arrived", () => victim.counters.drops.foreignSignal === 1);
    expect(owners).toEqual([forger.uniqueName]);
  });
});

test("ignores signals and replies with random members, without reply [S45]", async () => {
  const service = await open();
  await service.serve("/a", new Everything());
  const stranger = cleanUp(await rawBus(daemon.address));
  const sent = service.counters.messagesOut;
  const to = { path: "/a", destination: service.uniqueName, codec: bodyCodec("s"), args: ["x"] };
  for (let index = 0; index < 50; index++) {
    stranger.emit({ ...to, interface: "org.example.Sampler1", member: `Random${index}` });
    stranger.emit({ ...to, interface: `random.i${index}`, member: "Describe" });
    stranger.reply(callOf(service.uniqueName, index + 1), bodyCodec("s"), ["x"]);
    stranger.replyError(callOf(service.uniqueName, index + 1), "org.example.Error.Random", "x");
  }
  const call = { destination: service.uniqueName, path: "/a", member: "Describe", signature: "s", args: ["alive"] };
  expect(await stranger.call(call)).toEqual(["text alive"]);
  expect(service.counters.messagesOut - sent).toBe(1);
  expect(service.counters.drops).toMatchObject({ unheardSignal: 100, lateReply: 100 });
});

function callOf(sender: string, serial: number): Message {
  const type = MessageType.MethodCall;
  return { type, flags: 0, serial, sender, signature: "", bytes: new Uint8Array(0), length: 0, bodyOffset: 0 };
}
