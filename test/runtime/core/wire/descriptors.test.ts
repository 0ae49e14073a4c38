import { fstatSync, openSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Inbox } from "../../../../runtime/core/bus/inbox.ts";
import { MalformedMessageError } from "../../../../runtime/core/index.ts";
import { DEFAULT_QUOTAS } from "../../../../runtime/core/quotas.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import { closeDescriptors, Descriptors } from "../../../../runtime/core/wire/descriptors.ts";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import { encodeMessage, keptBytes, type Message } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

const open = (count: number): number[] => Array.from({ length: count }, () => openSync("/dev/null", "r"));

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

/** Returns a message whose header states a number of descriptors, with a body of `length` bytes. */
function stating(unixFds?: number, length = 0): Uint8Array {
  const writer = new Writer();
  const header = { type: 1, flags: 0, serial: 1, path: "/", member: "M", ...(unixFds && { unixFds }) };
  if (length === 0) encodeMessage(writer, header);
  else encodeMessage(writer, header, bodyCodec("ay"), [new Uint8Array(length)]);
  return writer.copyBytes();
}

describe("descriptors of a message", () => {
  test("those that were read are handed over, the others are closed", () => {
    const [first, second, third] = open(3);
    if (first === undefined || second === undefined || third === undefined) return expect.fail();
    const descriptors = new Descriptors([first, second, third]);
    expect([descriptors.read(1), descriptors.read(1), descriptors.read(3)]).toEqual([second, second, undefined]);
    descriptors.handOver();
    expect([first, second, third].map(isOpen)).toEqual([false, true, false]);
    descriptors.close();
    expect([descriptors.read(1), isOpen(second)]).toEqual([undefined, true]);
    closeDescriptors([second, second, -1]);
    expect(isOpen(second)).toBe(false);
  });

  test("all are closed if none is handed over", () => {
    const opened = open(2);
    const descriptors = new Descriptors(opened);
    descriptors.read(0);
    descriptors.close();
    expect([opened.map(isOpen), descriptors.read(0)]).toEqual([[false, false], undefined]);
  });
});

describe("descriptors that arrive with bytes", () => {
  test("belong to the message that starts there", () => {
    const [first, second] = [open(1), open(2)];
    const deframer = new Deframer();
    const messages = [
      ...deframer.split(stating(1), first),
      ...deframer.split(stating()),
      ...deframer.split(stating(2), second),
    ];
    expect(messages.map(({ descriptors }) => descriptors && [descriptors.read(0), descriptors.read(1)])).toEqual([
      [first[0], undefined],
      undefined,
      second,
    ]);
    for (const { descriptors } of messages) descriptors?.close();
    expect([...first, ...second].map(isOpen)).toEqual([false, false, false]);
  });

  test("belong to the message that starts in the middle of them", () => {
    const descriptors = open(1);
    const deframer = new Deframer();
    const plain = stating();
    expect([...deframer.split(plain.subarray(0, 20))]).toEqual([]);
    const bytes = Buffer.concat([plain.subarray(20), stating(1)]);
    expect([...deframer.split(bytes, descriptors)].map((message) => message.descriptors?.read(0))).toEqual([
      undefined,
      descriptors[0],
    ]);
    closeDescriptors(descriptors);
  });

  test("belong to a message whose end arrives later", () => {
    const descriptors = open(1);
    const deframer = new Deframer();
    const bytes = stating(1);
    expect([...deframer.split(bytes.subarray(0, 30), descriptors)]).toEqual([]);
    const [message] = deframer.split(bytes.subarray(30));
    expect(message?.descriptors?.read(0)).toBe(descriptors[0]);
    message?.descriptors?.close();
    expect(descriptors.map(isOpen)).toEqual([false]);
  });

  test("belong to a large message after a small one, although its bytes move in memory", () => {
    const descriptors = open(1);
    const deframer = new Deframer();
    const bytes = Buffer.concat([stating(), stating(1, 2 ** 18)]);
    const messages = [...deframer.split(bytes.subarray(0, 200), descriptors)];
    for (let start = 200; start < bytes.length; start += 2 ** 16)
      messages.push(...deframer.split(bytes.subarray(start, start + 2 ** 16)));
    expect(messages.map((message) => message.descriptors?.read(0))).toEqual([undefined, descriptors[0]]);
    closeDescriptors(descriptors);
  });

  test("are closed if no message starts there", () => {
    const [first, second, third] = [open(1), open(1), open(1)];
    const deframer = new Deframer();
    const bytes = stating(undefined, 100);
    const chunks = [bytes.subarray(0, 50), bytes.subarray(50, 100), bytes.subarray(100)];
    const descriptors = [undefined, first, second];
    const messages = chunks.flatMap((chunk, index) => [...deframer.split(chunk, descriptors[index])]);
    messages.push(...deframer.split(stating(1), third));
    expect(messages.map((message) => message.descriptors?.read(0))).toEqual([undefined, third[0]]);
    expect([...first, ...second, ...third].map(isOpen)).toEqual([false, false, true]);
    closeDescriptors(third);
  });

  test("inside a message that is not complete are closed at once, because a peer could send any number", () => {
    const [own, inside] = [open(1), open(3)];
    const deframer = new Deframer();
    const bytes = stating(1, 100);
    expect([...deframer.split(bytes.subarray(0, 20), own)]).toEqual([]);
    for (const [index, descriptor] of inside.entries()) {
      expect([...deframer.split(bytes.subarray(20 + index, 21 + index), [descriptor])]).toEqual([]);
      expect([...own, descriptor].map(isOpen)).toEqual([true, false]);
    }
    const [message] = deframer.split(bytes.subarray(20 + inside.length));
    expect(message?.descriptors?.read(0)).toBe(own[0]);
    message?.descriptors?.close();
  });

  test("count as 64 KiB each while their message is kept, also when they are handed over", () => {
    const descriptors = open(2);
    const [message] = new Deframer().split(stating(2), descriptors);
    if (message === undefined) return expect.fail();
    expect(keptBytes(message) - message.length).toBe(2 ** 17);
    message.descriptors?.read(0);
    message.descriptors?.handOver();
    expect(keptBytes(message) - message.length).toBe(2 ** 17);
    closeDescriptors(descriptors);
    const [without] = new Deframer({ mayLoseDescriptors: true }).split(stating(2));
    expect(without && keptBytes(without)).toBe(without?.length);
  });

  test("fill the quota of a sender whose messages wait for a large one", () => {
    const taken: (string | undefined)[] = [];
    const receiver = {
      take: ({ member, descriptors }: Message) => {
        taken.push(member);
        descriptors?.close();
      },
      takeOverQuota: () => expect.fail(),
      listenersOf: () => new Set<never>(),
      codecsOf: () => [bodyCodec("as")],
    };
    const inbox = new Inbox(receiver, { ...DEFAULT_QUOTAS, bytesPerSender: 3 * 2 ** 16 }, expect.fail);
    const signal = { type: MessageType.Signal, flags: 0, serial: 1, path: "/", interface: "a.b", sender: ":1.7" };
    const add = (member: string, unixFds?: number): void => {
      const writer = new Writer();
      const header = { ...signal, member, unixFds };
      if (unixFds !== undefined) encodeMessage(writer, header);
      else encodeMessage(writer, header, bodyCodec("as"), [new Array(300_000).fill("text")]);
      const arrived = unixFds === undefined ? undefined : open(unixFds);
      // Only one batch of descriptors arrives with the bytes of one read.
      for (const message of new Deframer().split(writer.copyBytes(), arrived)) inbox.add(message);
    };
    add("Large");
    add("First", 1);
    add("Second", 1);
    expect(taken).toEqual([]);
    add("Third", 1);
    expect(taken).toEqual(["Large", "First", "Second", "Third"]);
  });

  test("are closed if the message states none", () => {
    const descriptors = open(1);
    const deframer = new Deframer();
    const plain = [...deframer.split(stating(), descriptors), ...deframer.split(stating())];
    expect(plain.map((message) => message.descriptors)).toEqual([undefined, undefined]);
    expect(descriptors.map(isOpen)).toEqual([false]);
    const later = open(1);
    const [message] = deframer.split(stating(1), later);
    expect(message?.descriptors?.read(0)).toBe(later[0]);
    closeDescriptors(later);
  });

  test.each([
    [0, 1],
    [1, 2],
    [2, 1],
  ])("a message with %i descriptors that states %i is malformed, unless some can be lost", (count, stated) => {
    const descriptors = open(count);
    const arrive = (deframer: Deframer) => [...deframer.split(stating(stated), count === 0 ? undefined : descriptors)];
    expect(() => arrive(new Deframer())).toThrow(MalformedMessageError);
    const [message] = arrive(new Deframer({ mayLoseDescriptors: true }));
    expect([message?.unixFds, message?.descriptors]).toEqual([stated, undefined]);
    closeDescriptors(descriptors);
  });

  test.each([
    ["if some that arrived with its bytes are lost", [[1]], [[]]],
    ["each, if some that arrived with their bytes are lost", [[1, 2]], [[]]],
    ["but later ones are not", [[1], [1]], [[], undefined]],
  ])("a message may lack descriptors %s", (_, chunks, descriptors) => {
    const deframer = new Deframer();
    const arrive = () =>
      chunks.flatMap((counts, index) => [
        ...deframer.split(Buffer.concat(counts.map((count) => stating(count))), descriptors[index]),
      ]);
    if (descriptors.includes(undefined)) expect(arrive).toThrow(MalformedMessageError);
    else expect(arrive().map((message) => message.descriptors)).toEqual(chunks.flat().map(() => undefined));
  });

  test("are closed with the connection", () => {
    const descriptors = open(2);
    const deframer = new Deframer();
    deframer.append(stating(2).subarray(0, 20), descriptors);
    deframer.closeDescriptors();
    expect(descriptors.map(isOpen)).toEqual([false, false]);
  });
});

test("the name of the peer replaces the sender; bytes of an incomplete message remain", () => {
  const deframer = new Deframer({ peerName: ":1.7" });
  const [message] = deframer.split(Buffer.concat([stating(), Buffer.of(0x6c, 1)]));
  expect(message?.sender).toBe(":1.7");
  expect(Buffer.from(deframer.takeRemainder())).toEqual(Buffer.of(0x6c, 1));
  expect(deframer.takeRemainder()).toHaveLength(0);
});
