import fc from "fast-check";
import { expect, test } from "vitest";
import type { Channel } from "../../../../../runtime/telepathy/connection/channels/channel.ts";
import { runs } from "../../../../setup/runs.ts";
import { type ChatModel, CONSUMER, connectedChatModel, pendingTexts, textRequest } from "./chat-model.ts";

const CONTACTS = ["ann", "bob", "cem"] as const;

/**
 * Expected state: unread texts for each contact with a channel, all read texts, and the numbers of texts and
 * channels so far.
 */
interface Expected {
  readonly channels: Map<string, string[]>;
  readonly read: string[];
  received: number;
  created: number;
}

type Command = fc.AsyncCommand<Expected, ChatModel>;

function channelOf({ model }: ChatModel, contact: string): Channel | undefined {
  return model.channels.all.find(({ target }) => target.identifier === contact);
}

/** Requires that the connection has the expected state. */
async function check(expected: Expected, real: ChatModel): Promise<void> {
  await real.settle();
  const channels = real.model.channels.all.map(
    (channel) => [channel.target.identifier, pendingTexts(channel)] as const,
  );
  expect(new Map(channels)).toEqual(expected.channels);
  // Each channel was added, announced and closed at most once, and in this order.
  expect(new Set(real.events).size).toBe(real.events.length);
  const numbersOf = (kind: string): string[] => real.events.filter((event) => event.startsWith(kind));
  expect(numbersOf("added")).toHaveLength(expected.created);
  expect(numbersOf("announced")).toHaveLength(expected.created);
  expect(numbersOf("closed")).toHaveLength(expected.created - expected.channels.size);
  for (const event of numbersOf("closed")) {
    expect(real.events.indexOf(event)).toBeGreaterThan(real.events.indexOf(event.replace("closed", "announced")));
  }
  expect(real.errors).toEqual([]);
}

class Ensure implements Command {
  readonly contact: string;
  constructor(contact: string) {
    this.contact = contact;
  }
  check = (): boolean => true;
  async run(expected: Expected, real: ChatModel): Promise<void> {
    const isNew = !expected.channels.has(this.contact);
    const results = await Promise.all(
      ["", "x"].map((suffix) =>
        real.model.channels.ensure(textRequest(this.contact.toUpperCase()), { ...CONSUMER, client: `:1.1${suffix}` }),
      ),
    );
    expect(new Set(results.map(({ channel }) => channel)).size).toBe(1);
    expect(results.filter(({ isYours }) => isYours)).toHaveLength(isNew ? 1 : 0);
    if (isNew) {
      expected.channels.set(this.contact, []);
      expected.created++;
    }
    await check(expected, real);
  }
  toString = (): string => `ensure ${this.contact}`;
}

class Create implements Command {
  readonly contact: string;
  constructor(contact: string) {
    this.contact = contact;
  }
  check = (): boolean => true;
  async run(expected: Expected, real: ChatModel): Promise<void> {
    const created = real.model.channels.create(textRequest(this.contact), CONSUMER);
    if (expected.channels.has(this.contact)) await expect(created).rejects.toThrow("exists already");
    else {
      await created;
      expected.channels.set(this.contact, []);
      expected.created++;
    }
    await check(expected, real);
  }
  toString = (): string => `create ${this.contact}`;
}

class Receive implements Command {
  readonly contact: string;
  readonly count: number;
  constructor(contact: string, count: number) {
    this.contact = contact;
    this.count = count;
  }
  check = (): boolean => true;
  async run(expected: Expected, real: ChatModel): Promise<void> {
    if (!expected.channels.has(this.contact)) expected.created++;
    const texts = Array.from({ length: this.count }, () => `text ${++expected.received}`);
    expected.channels.set(this.contact, [...(expected.channels.get(this.contact) ?? []), ...texts]);
    for (const text of texts) real.receive(this.contact, text);
    await check(expected, real);
  }
  toString = (): string => `receive ${this.count} of ${this.contact}`;
}

/** Acknowledges a share of a contact's pending messages. The others must remain pending. */
class Acknowledge implements Command {
  readonly contact: string;
  readonly share: number;
  constructor(contact: string, share: number) {
    this.contact = contact;
    this.share = share;
  }
  check = (expected: Readonly<Expected>): boolean => expected.channels.has(this.contact);
  async run(expected: Expected, real: ChatModel): Promise<void> {
    const pending = expected.channels.get(this.contact) ?? [];
    const count = Math.ceil(pending.length * this.share);
    const channel = channelOf(real, this.contact);
    const ids = channel?.pending.all.slice(0, count).map(([{ pendingMessageId = 0 }]) => pendingMessageId) ?? [];
    channel?.acknowledge(ids);
    expect(() => channel?.acknowledge(count === 0 ? [4_000_000] : ids)).toThrow("is not the number");
    expected.read.push(...pending.splice(0, count));
    await check(expected, real);
  }
  toString = (): string => `acknowledge ${this.share} of ${this.contact}`;
}

class Close implements Command {
  readonly contact: string;
  readonly isFinal: boolean;
  constructor(contact: string, isFinal: boolean) {
    this.contact = contact;
    this.isFinal = isFinal;
  }
  check = (expected: Readonly<Expected>): boolean => expected.channels.has(this.contact);
  async run(expected: Expected, real: ChatModel): Promise<void> {
    const channel = channelOf(real, this.contact);
    if (channel === undefined) throw new Error(`there is no channel with ${this.contact}`);
    for (let call = 0; call < 2; call++) {
      if (this.isFinal) real.model.channels.destroy(channel);
      else real.model.channels.close(channel);
    }
    const pending = expected.channels.get(this.contact) ?? [];
    if (this.isFinal || pending.length === 0) expected.channels.delete(this.contact);
    else {
      expected.created++;
      const next = channelOf(real, this.contact);
      expect(next?.identity.origin).toEqual({
        isRequested: false,
        initiator: { handle: next?.target.handle, identifier: this.contact },
      });
      expect(next?.pending.all.every(([{ rescued }]) => rescued === true)).toBe(true);
    }
    await check(expected, real);
  }
  toString = (): string => `${this.isFinal ? "destroy" : "close"} ${this.contact}`;
}

test.each([
  ["at once", false],
  ["asynchronously", true],
])("channels close exactly once, and no text is lost or duplicated; identifiers normalised %s", async (_, isSlow) => {
  const contact = fc.constantFrom(...CONTACTS);
  const commands = [
    contact.map((name) => new Ensure(name)),
    contact.map((name) => new Create(name)),
    fc.tuple(contact, fc.integer({ min: 1, max: 4 })).map(([name, count]) => new Receive(name, count)),
    fc.tuple(contact, fc.constantFrom(0, 0.5, 1)).map(([name, share]) => new Acknowledge(name, share)),
    fc.tuple(contact, fc.boolean()).map(([name, isFinal]) => new Close(name, isFinal)),
  ];
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40 }), (sequence) =>
      fc.asyncModelRun(
        async () => ({
          model: { channels: new Map<string, string[]>(), read: [], received: 0, created: 0 },
          real: await connectedChatModel({}, isSlow),
        }),
        sequence,
      ),
    ),
    { numRuns: runs(60) },
  );
});
