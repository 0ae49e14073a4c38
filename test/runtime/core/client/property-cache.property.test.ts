import fc from "fast-check";
import { expect, test } from "vitest";
import { Bus } from "../../../../runtime/core/bus.ts";
import { Client, type InterfaceContract, Variant } from "../../../../runtime/core/index.ts";
import type { Message } from "../../../../runtime/core/wire/message.ts";
import { runs } from "../../../setup/runs.ts";
import { FakeDaemon } from "../fixtures/fake-daemon.ts";

// The messages of a service are interleaved at random. Afterwards the cache must have the values of the service.

const NAME = "org.example.Racing";
const PATH = "/racing";
const Racing = {
  version: 2,
  name: "org.example.Racing1",
  methods: {},
  signals: {},
  properties: {
    first: { name: "First", type: "u", access: "readwrite", emits: "true" },
    second: { name: "Second", type: "u", access: "read", emits: "true" },
    hidden: { name: "Hidden", type: "u", access: "read", emits: "invalidates" },
    constant: { name: "Constant", type: "u", access: "read", emits: "const" },
    silent: { name: "Silent", type: "u", access: "read", emits: "false" },
  },
} as const satisfies InterfaceContract;
type Key = keyof typeof Racing.properties;
const KEYS: readonly Key[] = ["first", "second", "hidden", "constant", "silent"];
class RacingClient extends Client<typeof Racing, Record<Key, number>, object> {}

/** A service whose values contain a generation number, so that values of other generations can be recognized. */
class RacingService {
  readonly sender: string;
  readonly values = new Map<Key, number>();
  readonly #changed = new Set<Key>();
  /** Functions that send replies. Each reply has the values at the time when the call was handled. */
  readonly replies: (() => void)[] = [];
  readonly #daemon: FakeDaemon;

  constructor(daemon: FakeDaemon, generation: number) {
    this.#daemon = daemon;
    this.sender = `:1.${100 + generation}`;
    for (const key of KEYS) this.values.set(key, generation * 1000);
  }

  set(key: Key): void {
    if (key === "constant") return;
    this.values.set(key, (this.values.get(key) ?? 0) + 1);
    this.#changed.add(key);
  }

  /** Announces all pending changes in one signal. */
  announce(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    const values = Object.fromEntries(
      changed.filter((key) => Racing.properties[key].emits === "true").map((key) => this.#entry(key)),
    );
    const invalidated = changed.includes("hidden") ? ["Hidden"] : [];
    if (changed.length > 0) this.#daemon.announce(this.sender, PATH, "sa{sv}as", [Racing.name, values, invalidated]);
  }

  handle(call: Message): void {
    if (call.member === "GetAll") {
      const all = Object.fromEntries(KEYS.map((key) => this.#entry(key)));
      this.replies.push(() => this.#daemon.answer(call, this.sender, "a{sv}", [all]));
    } else {
      const [, value] = this.#entry("hidden");
      this.replies.push(() => this.#daemon.answer(call, this.sender, "v", [value]));
    }
  }

  #entry(key: Key): [string, Variant] {
    return [Racing.properties[key].name, new Variant("u", this.values.get(key) ?? 0)];
  }
}

type Step =
  | { readonly do: "route" | "handle" | "reply" | "announce" | "restart" | "handOver" | "leave" | "get" | "turn" }
  | { readonly do: "deliver"; readonly count: number }
  | { readonly do: "set"; readonly key: Key };

const step = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Step>({ do: "route" }) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }).map<Step>((count) => ({ do: "deliver", count })) },
  { weight: 4, arbitrary: fc.constantFrom<Step[]>({ do: "handle" }, { do: "reply" }) },
  { weight: 4, arbitrary: fc.constantFrom(...KEYS).map<Step>((key) => ({ do: "set", key })) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Step[]>({ do: "announce" }, { do: "announce" }, { do: "get" }, { do: "turn" }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Step[]>({ do: "restart" }, { do: "handOver" }, { do: "leave" }) },
);

/** A client with a simulated bus, the current owner of the name, and previous owners that still reply. */
class World {
  readonly daemon = new FakeDaemon(NAME);
  readonly bus = new Bus(this.daemon.transport);
  readonly client = new RacingClient(Racing, this.bus, { destination: NAME, path: PATH });
  readonly services: RacingService[] = [];

  get service(): RacingService | undefined {
    return this.services.find(({ sender }) => sender === this.daemon.owner);
  }

  run(step: Step): void {
    if (step.do === "route") this.daemon.route();
    else if (step.do === "deliver") this.daemon.deliver(step.count);
    else if (step.do === "handle") this.#handle();
    else if (step.do === "reply") this.services.find(({ replies }) => replies.length > 0)?.replies.shift()?.();
    else if (step.do === "set") this.service?.set(step.key);
    else if (step.do === "announce") this.service?.announce();
    else if (step.do === "get") this.client.properties.hidden.get().catch(() => undefined);
    else if (step.do === "leave") this.#leave();
    else if (step.do !== "turn") this.begin(step.do === "restart");
  }

  /** Makes another service the owner of the name. With `restart`, the previous owner first leaves the bus. */
  begin(restart: boolean): void {
    if (restart) this.#leave();
    const service = new RacingService(this.daemon, this.services.length + 1);
    this.services.push(service);
    this.daemon.setOwner(service.sender);
  }

  /** Reports the owner to the connection before the cache starts. */
  async knowOwner(): Promise<void> {
    const watching = this.bus.watchName(NAME, () => undefined);
    await this.settle();
    await watching;
  }

  /** Delivers all pending messages. */
  async settle(): Promise<void> {
    this.service?.announce();
    for (let quiet = 0; quiet < 4; ) {
      const moved = [this.daemon.route(), this.daemon.deliver(9), this.#handle(), this.#replyAll()];
      if (moved.includes(true)) quiet = 0;
      else quiet++;
      await turn();
    }
  }

  #handle(): boolean {
    const call = this.daemon.calls.shift();
    const service = this.services.find(({ sender }) => sender === call?.destination);
    if (call !== undefined && service !== undefined) service.handle(call);
    else if (call !== undefined) this.daemon.refuse(call, "NoReply");
    return call !== undefined;
  }

  #replyAll(): boolean {
    const replies = this.services.flatMap(({ replies }) => replies.splice(0));
    for (const reply of replies) reply();
    return replies.length > 0;
  }

  #leave(): void {
    const { service } = this;
    if (service === undefined) return;
    this.services[this.services.indexOf(service)] = new RacingService(this.daemon, 0);
    this.daemon.setOwner(undefined);
    for (const call of this.daemon.calls.splice(0)) this.daemon.refuse(call, "NoReply");
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function race(steps: readonly Step[], start: { owned: boolean; known: boolean }): Promise<void> {
  const world = new World();
  const { properties } = world.client;
  if (start.owned) world.begin(false);
  if (start.known) await world.knowOwner();
  const received: (number | undefined)[] = [];
  const subscribed = properties.first.subscribe((value) => received.push(value));
  const started = world.client.$cache();
  for (const next of steps) {
    world.run(next);
    if (next.do === "turn") await turn();
    if (properties.silent.value !== undefined) throw new Error("a value without announcements was cached");
  }
  await world.settle();
  await Promise.all([subscribed, started]);
  const { service } = world;
  for (const key of ["first", "second", "constant"] as const) {
    expect([key, properties[key].value]).toEqual([key, service?.values.get(key)]);
  }
  expect([undefined, service?.values.get("hidden")]).toContain(properties.hidden.value);
  expect(received.at(-1)).toBe(service?.values.get("first"));
  const reading = properties.hidden.get().catch(() => undefined);
  await world.settle();
  expect(await reading).toBe(service?.values.get("hidden"));
  expect(properties.hidden.value).toBe(service?.values.get("hidden"));
  expectOrder(received);
}

/** Expects that the values of one generation grow, and that the value is unknown between two generations. */
function expectOrder(received: readonly (number | undefined)[]): void {
  let last: number | undefined;
  for (const value of received) {
    if (value !== undefined && last !== undefined) {
      expect(Math.floor(value / 1000)).toBe(Math.floor(last / 1000));
      expect(value).toBeGreaterThan(last);
    }
    last = value;
  }
}

test("the cache has the values of the service after each of many random interleavings [C12]", async () => {
  const start = fc.record({ owned: fc.boolean(), known: fc.boolean() });
  const races = fc.asyncProperty(fc.array(step, { maxLength: 30, size: "max" }), start, race);
  await fc.assert(races, { numRuns: runs(400) });
});
