import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bus, connect, NoReplyError } from "../../../../runtime/core/index.ts";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import type { Message } from "../../../../runtime/core/wire/message.ts";
import { onDiagnostic } from "../../../reliability/support.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { FakeBus } from "../fixtures/fake-bus.ts";
import { RawPeer } from "../fixtures/raw-peer.ts";

const NAME = "org.example.Owned";
const DAEMON = "org.freedesktop.DBus";
const TO_DAEMON = { destination: DAEMON, path: "/", interface: DAEMON };
/**
 * Flags of RequestName: others may replace this owner, it replaces the present owner, and it does not wait in the
 * queue.
 */
const REPLACE = 7;

/** An action on the bus. Peers and calls are given by their indexes. */
type Step =
  | { readonly kind: "own" | "release"; readonly peer: number }
  | { readonly kind: "call" }
  | { readonly kind: "reply"; readonly peer: number; readonly call: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("own" as const, "release" as const), peer: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("call" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("reply" as const), peer: fc.nat(2), call: fc.nat(2) }),
  },
);

/** A pending call in the model. */
interface ModelCall {
  readonly serial: number;
  /** Indexes of the peers that have owned the name since the call was sent. */
  readonly mayReply: Set<number>;
  /**
   * Index of the peer whose reply must be used; "refused" if the bus must refuse the call, because the name has no
   * owner.
   */
  expected: number | "refused" | "pending";
}

/** Three peers that can own a name, and a client that calls the name. */
class Owners implements AsyncDisposable {
  readonly #client: Bus;
  readonly #peers: readonly RawPeer[];
  #owner: number | undefined;
  readonly calls: ModelCall[] = [];
  readonly outcomes: (number | "refused" | "pending")[] = [];

  static async start(address: string, hasSubscription: boolean): Promise<Owners> {
    const client = await connect({ bus: address });
    if (hasSubscription) await client.watchName(NAME, () => undefined);
    const peers = await Promise.all([0, 1, 2].map(() => RawPeer.connect(address)));
    return new Owners(client, peers);
  }

  private constructor(client: Bus, peers: readonly RawPeer[]) {
    this.#client = client;
    this.#peers = peers;
  }

  async run(step: Step): Promise<void> {
    if (step.kind === "call") await this.#call();
    else if (step.kind === "reply") await this.#reply(step.peer, step.call);
    else await this.#changeOwner(step.kind, step.peer);
    // The bus keeps the order, so the client has received everything that was caused by the step.
    await this.#client.call({ ...TO_DAEMON, member: "GetId" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    for (const peer of this.#peers) await peer[Symbol.asyncDispose]();
  }

  async #changeOwner(kind: "own" | "release", index: number): Promise<void> {
    const [member, signature, values] =
      kind === "own" ? (["RequestName", "su", [NAME, REPLACE]] as const) : (["ReleaseName", "s", [NAME]] as const);
    await this.#exchange(index, { ...TO_DAEMON, member }, signature, values);
    if (kind === "own") this.#owner = index;
    else if (this.#owner === index) this.#owner = undefined;
    if (kind === "own") for (const call of this.calls) call.mayReply.add(index);
  }

  async #call(): Promise<void> {
    let serial = 0;
    const stop = onDiagnostic("dbus-codegen:message", ({ connection, direction, header }) => {
      if (connection === this.#client.uniqueName && direction === "out" && header.member === "Work") {
        serial = header.serial;
      }
    });
    const index = this.outcomes.push("pending") - 1;
    this.#client.call({ destination: NAME, path: "/", member: "Work" }).then(
      ([peer]) => {
        this.outcomes[index] = Number(peer);
      },
      (error: unknown) => {
        this.outcomes[index] = error instanceof NoReplyError ? "pending" : "refused";
      },
    );
    stop();
    const mayReply = new Set(this.#owner === undefined ? [] : [this.#owner]);
    this.calls.push({ serial, mayReply, expected: this.#owner === undefined ? "refused" : "pending" });
  }

  async #reply(peer: number, index: number): Promise<void> {
    const call = this.calls[index];
    if (call === undefined) return;
    const header = { type: MessageType.MethodReturn, flags: 1, replySerial: call.serial };
    await this.#exchange(peer, { ...header, destination: this.#client.uniqueName }, "u", [peer]);
    if (call.expected === "pending" && call.mayReply.has(peer)) call.expected = peer;
  }

  /** Sends a message and waits until the bus has handled it. */
  async #exchange(
    index: number,
    header: Parameters<RawPeer["send"]>[0],
    signature: string,
    values: readonly unknown[],
  ): Promise<void> {
    const peer = this.#peers[index];
    peer?.send(header, signature, values);
    await peer?.settled(DAEMON);
  }
}

describe("a reply is accepted only from an owner of the name since the call was sent", () => {
  let daemon: PrivateBus;
  beforeAll(async () => {
    daemon = await startPrivateBus();
  });
  afterAll(() => daemon.stop());

  const own = (peer: number): Step => ({ kind: "own", peer });
  const reply = (peer: number, call: number): Step => ({ kind: "reply", peer, call });
  const call: Step = { kind: "call" };
  test.each<readonly [what: string, steps: readonly Step[], outcome: readonly unknown[]]>([
    ["the owner", [own(0), call, reply(0, 0)], [0]],
    ["a peer that never owned it", [own(0), call, reply(1, 0)], ["pending"]],
    ["the owner that received the call and then lost the name", [own(0), call, own(1), reply(0, 0)], [0]],
    ["a former owner that lost the name before the call", [own(0), own(1), call, reply(0, 0)], ["pending"]],
    [
      "a former owner of two calls, for the second",
      [own(0), call, own(1), call, reply(0, 1), reply(0, 0)],
      [0, "pending"],
    ],
    ["a former owner that is the owner again", [own(0), own(1), call, own(0), reply(0, 0)], [0]],
    ["a former owner of a name without owner", [own(0), { kind: "release", peer: 0 }, call, reply(0, 0)], ["refused"]],
  ])("%s", async (_, steps, outcome) => {
    for (const hasSubscription of [false, true]) {
      await using owners = await Owners.start(daemon.address, hasSubscription);
      for (const step of steps) await owners.run(step);
      expect(owners.outcomes).toEqual(outcome);
      expect(owners.calls.map(({ expected }) => expected)).toEqual(outcome);
    }
  });

  test("in any sequence of calls, replies and changes of the owner", async () => {
    const steps = fc.array(STEP, { minLength: 6, maxLength: 20, size: "max" });
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (sequence, hasSubscription) => {
        await using owners = await Owners.start(daemon.address, hasSubscription);
        for (const step of sequence) await owners.run(step);
        expect(owners.outcomes).toEqual(owners.calls.map(({ expected }) => expected));
      }),
      { numRuns: 50, seed: 10 },
    );
  });
});

describe("a call to a name without owner, for which the bus starts a service", () => {
  /** Opens a client with a pending call to a name. The test decides what the bus sends. */
  async function pendingCall() {
    let call: Message | undefined;
    const bus = await FakeBus.start((message, fake) => {
      if (message.destination === NAME) call = message;
      else if (message.member !== "GetNameOwner") fake.answer(message, "", [], DAEMON);
      else
        fake.send({
          type: 3,
          replySerial: message.serial,
          sender: DAEMON,
          errorName: `${DAEMON}.Error.NameHasNoOwner`,
        });
    });
    const client = await connect({ bus: bus.address });
    const result = client.call({ destination: NAME, path: "/", member: "Work" }).then(([value]) => value);
    await expect.poll(() => call).toBeDefined();
    const serial = call?.serial ?? 0;
    let owner = "";
    const close = async (): Promise<void> => {
      await client.close();
      await bus[Symbol.asyncDispose]();
    };
    return {
      result,
      client,
      close,
      changeOwner(next: string): void {
        const header = { type: 4, sender: DAEMON, path: "/org/freedesktop/DBus", interface: DAEMON };
        bus.send({ ...header, member: "NameOwnerChanged" }, "sss", [NAME, owner, next]);
        owner = next;
      },
      reply: (sender: string) => bus.send({ type: 2, replySerial: serial, sender }, "s", [sender]),
    };
  }

  test("is answered by the service, also after it has left the name", async () => {
    const { result, client, changeOwner, reply, close } = await pendingCall();
    changeOwner(":1.8");
    changeOwner("");
    reply(":1.9");
    reply(":1.8");
    expect(await result).toBe(":1.8");
    expect(client.counters.drops.forgedReply).toBe(1);
    await close();
  });

  test("is not answered by one of more former owners than are remembered", async () => {
    const { result, client, changeOwner, reply, close } = await pendingCall();
    for (let index = 0; index < 300; index++) changeOwner(`:2.${index}`);
    reply(":2.42");
    reply(":2.43");
    expect(await result).toBe(":2.43");
    expect(client.counters.drops.forgedReply).toBe(1);
    await close();
  });
});
