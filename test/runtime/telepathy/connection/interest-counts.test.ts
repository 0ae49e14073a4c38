import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InterestCounts } from "../../../../runtime/telepathy/connection/interest-counts.ts";

const LOCATION = "im.telepathy1.Connection.Interface.Location1";
const MAIL = "im.telepathy1.Connection.Interface.MailNotification1/count";

function counting(tokens: readonly string[] = [LOCATION, MAIL]) {
  const told: string[] = [];
  const counts = new InterestCounts(tokens, {
    interested: (token) => told.push(`+${token}`),
    uninterested: (token) => told.push(`-${token}`),
  });
  return { counts, told };
}

describe("interests", () => {
  test("the first and the last client of a token are told, nobody in between", () => {
    const { counts, told } = counting();
    counts.activate();
    counts.add(":1.1", [LOCATION, LOCATION]);
    counts.add(":1.2", [LOCATION]);
    counts.remove(":1.1", [LOCATION]);
    counts.remove(":1.2", [LOCATION]);
    expect(told).toEqual([`+${LOCATION}`]);
    counts.remove(":1.1", [LOCATION]);
    expect(told).toEqual([`+${LOCATION}`, `-${LOCATION}`]);
    expect(counts.clients).toBe(0);
  });

  test("only declared tokens count, to the letter", () => {
    const { counts, told } = counting();
    counts.activate();
    counts.add(":1.1", [
      `${LOCATION}/part`,
      "im.telepathy1.Connection.Interface.MailNotification1",
      "org.example.No",
      "",
    ]);
    expect([told, counts.clients]).toEqual([[], 0]);
    counts.add(":1.1", [MAIL, "org.example.No"]);
    counts.remove(":1.1", ["im.telepathy1.Connection.Interface.MailNotification1"]);
    expect([told, counts.count(":1.1", MAIL), counts.total(MAIL)]).toEqual([[`+${MAIL}`], 1, 1]);
  });

  test("before it is active everything is remembered, and told at once when it is", () => {
    const { counts, told } = counting();
    counts.add(":1.1", [MAIL, LOCATION]);
    counts.add(":1.2", [LOCATION]);
    counts.drop(":1.1");
    expect(told).toEqual([]);
    counts.activate();
    counts.activate();
    expect(told).toEqual([`+${LOCATION}`]);
  });

  test("at the end every live token is told once, and nothing counts any more", () => {
    const { counts, told } = counting();
    counts.activate();
    counts.add(":1.1", [MAIL, LOCATION]);
    counts.close();
    counts.close();
    counts.add(":1.1", [MAIL]);
    counts.remove(":1.1", [LOCATION]);
    counts.drop(":1.1");
    expect(told.slice(2)).toEqual([`-${LOCATION}`, `-${MAIL}`]);
    expect(counts.clients).toBe(0);
  });

  test("when nobody can be interested any more, as on a lost bus, each live token is told once", () => {
    const { counts, told } = counting();
    counts.activate();
    counts.add(":1.1", [MAIL, LOCATION]);
    counts.add(":1.2", [MAIL]);
    counts.dropAll();
    expect([told.slice(2).toSorted(), counts.clients]).toEqual([[`-${LOCATION}`, `-${MAIL}`], 0]);
    counts.add(":1.3", [MAIL]);
    expect(told.at(-1)).toBe(`+${MAIL}`);
  });

  test("too many tokens in one call, and too long ones, change nothing", () => {
    const listener = { interested: () => expect.fail("it counted"), uninterested: () => expect.fail("it counted") };
    const counts = new InterestCounts([MAIL], listener, { tokensPerCall: 2, tokenLength: MAIL.length });
    counts.activate();
    for (const tokens of [
      [MAIL, MAIL, MAIL],
      [MAIL, `${MAIL}s`],
    ]) {
      expect(() => counts.add(":1.1", tokens)).toThrow(LimitsExceededError);
      expect(() => counts.remove(":1.1", tokens)).toThrow(LimitsExceededError);
    }
    expect(counts.clients).toBe(0);
  });

  test("an end before it was ever active tells nothing", () => {
    const { counts, told } = counting();
    counts.add(":1.1", [MAIL]);
    counts.close();
    counts.activate();
    expect(told).toEqual([]);
  });
});

/** What is expected: how often each client has registered each token, and whether anybody is told. */
interface Model {
  readonly counts: Map<string, number>;
  state: "remembering" | "active" | "closed";
}

interface Real {
  readonly counts: InterestCounts;
  /** For each token, whether the listener was told last that somebody is interested. */
  readonly live: Map<string, boolean>;
}

const CLIENTS = [":1.1", ":1.2", ":1.3"];
const TOKENS = ["a", "b", "c"];

/** One step: changes the model and the real one, which then have to agree. */
class Step implements fc.Command<Model, Real> {
  readonly #text: string;
  readonly #model: (model: Model) => void;
  readonly #real: (counts: InterestCounts) => void;

  constructor(text: string, model: (model: Model) => void, real: (counts: InterestCounts) => void) {
    this.#text = text;
    this.#model = model;
    this.#real = real;
  }

  check = () => true;

  run(model: Model, { counts, live }: Real): void {
    this.#model(model);
    this.#real(counts);
    for (const token of TOKENS) {
      const interested = CLIENTS.filter((client) => (model.counts.get(client + token) ?? 0) > 0);
      expect(counts.total(token), token).toBe(interested.length);
      for (const client of CLIENTS) expect(counts.count(client, token)).toBe(model.counts.get(client + token) ?? 0);
      expect(live.get(token) ?? false).toBe(model.state === "active" && interested.length > 0);
    }
  }

  toString = () => this.#text;
}

function change({ counts, state }: Model, client: string, tokens: readonly string[], by: 1 | -1): void {
  if (state === "closed") return;
  for (const token of tokens.filter((one) => TOKENS.includes(one))) {
    counts.set(client + token, Math.max(0, (counts.get(client + token) ?? 0) + by));
  }
}

const client = fc.constantFrom(...CLIENTS);
const tokens = fc.array(fc.constantFrom(...TOKENS, "undeclared", "a/b"), { maxLength: 5 });
const steps = [
  fc.tuple(client, tokens).map(
    ([who, what]) =>
      new Step(
        `add ${who} ${what}`,
        (model) => change(model, who, what, 1),
        (counts) => counts.add(who, what),
      ),
  ),
  fc.tuple(client, tokens).map(
    ([who, what]) =>
      new Step(
        `remove ${who} ${what}`,
        (model) => change(model, who, what, -1),
        (counts) => counts.remove(who, what),
      ),
  ),
  client.map(
    (who) =>
      new Step(
        `${who} crashes`,
        (model) => {
          for (const token of TOKENS) model.counts.delete(who + token);
        },
        (counts) => counts.drop(who),
      ),
  ),
  fc.constant(
    new Step(
      "connected",
      (model) => {
        if (model.state === "remembering") model.state = "active";
      },
      (counts) => counts.activate(),
    ),
  ),
];
const end = new Step(
  "disconnected",
  (model) => {
    model.state = "closed";
    model.counts.clear();
  },
  (counts) => counts.close(),
);

test("counts do what their model does, with clients that crash at any point", () => {
  const commands = fc.commands([...steps, ...steps, ...steps, fc.constant(end)], { maxCommands: 80 });
  fc.assert(
    fc.property(commands, (run) => {
      const live = new Map<string, boolean>();
      // Each change is told once: never twice the same.
      const tell = (token: string, is: boolean): void => {
        expect(live.get(token) ?? false, token).toBe(!is);
        live.set(token, is);
      };
      const listener = {
        interested: (token: string) => tell(token, true),
        uninterested: (token: string) => tell(token, false),
      };
      const real = { counts: new InterestCounts(TOKENS, listener), live };
      const model: Model = { counts: new Map(), state: "remembering" };
      fc.modelRun(() => ({ model, real }), run);
    }),
    { numRuns: 1000 },
  );
});
