import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InterestCounts } from "../../../../runtime/telepathy/connection/interest-counts.ts";
import { runs } from "../../../setup/runs.ts";

const LOCATION = "im.telepathy1.Connection.Interface.Location1";
const MAIL = "im.telepathy1.Connection.Interface.MailNotification1/count";

function counting(tokens: readonly string[] = [LOCATION, MAIL]) {
  const reported: string[] = [];
  const counts = new InterestCounts(tokens, {
    interestStarted: (token) => reported.push(`+${token}`),
    interestEnded: (token) => reported.push(`-${token}`),
  });
  return { counts, reported };
}

describe("interest counts", () => {
  test("only the first and the last client of a token are reported", () => {
    const { counts, reported } = counting();
    counts.activate();
    counts.add(":1.1", [LOCATION, LOCATION]);
    counts.add(":1.2", [LOCATION]);
    counts.remove(":1.1", [LOCATION]);
    counts.remove(":1.2", [LOCATION]);
    expect(reported).toEqual([`+${LOCATION}`]);
    counts.remove(":1.1", [LOCATION]);
    expect(reported).toEqual([`+${LOCATION}`, `-${LOCATION}`]);
    expect(counts.clientCount).toBe(0);
  });

  test("only declared tokens are counted, and only if they match exactly", () => {
    const { counts, reported } = counting();
    counts.activate();
    counts.add(":1.1", [
      `${LOCATION}/part`,
      "im.telepathy1.Connection.Interface.MailNotification1",
      "org.example.No",
      "",
    ]);
    expect([reported, counts.clientCount]).toEqual([[], 0]);
    counts.add(":1.1", [MAIL, "org.example.No"]);
    counts.remove(":1.1", ["im.telepathy1.Connection.Interface.MailNotification1"]);
    expect([reported, counts.interestCount(":1.1", MAIL), counts.interestedClientCount(MAIL)]).toEqual([
      [`+${MAIL}`],
      1,
      1,
    ]);
  });

  test("interests from before activate() are reported by activate()", () => {
    const { counts, reported } = counting();
    counts.add(":1.1", [MAIL, LOCATION]);
    counts.add(":1.2", [LOCATION]);
    counts.removeClient(":1.1");
    expect(reported).toEqual([]);
    counts.activate();
    counts.activate();
    expect(reported).toEqual([`+${LOCATION}`]);
  });

  test("close() reports the end of each interest once, and later calls have no effect", () => {
    const { counts, reported } = counting();
    counts.activate();
    counts.add(":1.1", [MAIL, LOCATION]);
    counts.close();
    counts.close();
    counts.add(":1.1", [MAIL]);
    counts.remove(":1.1", [LOCATION]);
    counts.removeClient(":1.1");
    expect(reported.slice(2)).toEqual([`-${LOCATION}`, `-${MAIL}`]);
    expect(counts.clientCount).toBe(0);
  });

  test("removeAllClients() reports the end of each interest once", () => {
    const { counts, reported } = counting();
    counts.activate();
    counts.add(":1.1", [MAIL, LOCATION]);
    counts.add(":1.2", [MAIL]);
    counts.removeAllClients();
    expect([reported.slice(2).toSorted(), counts.clientCount]).toEqual([[`-${LOCATION}`, `-${MAIL}`], 0]);
    counts.add(":1.3", [MAIL]);
    expect(reported.at(-1)).toBe(`+${MAIL}`);
  });

  test("undeclared tokens of any number and length are ignored, and nothing of them is kept", () => {
    const { counts, reported } = counting();
    counts.activate();
    const tokens = [...Array.from({ length: 100_000 }, (_, index) => `org.example.Token${index}`), "x".repeat(2 ** 20)];
    counts.add(":1.1", tokens);
    expect([counts.clientCount, reported]).toEqual([0, []]);
    counts.add(":1.1", [...tokens, MAIL]);
    counts.remove(":1.1", tokens);
    expect([counts.interestCount(":1.1", MAIL), reported]).toEqual([1, [`+${MAIL}`]]);
  });

  test("clients beyond half of the quota of a user require their user, whose quota the removal of interests frees", () => {
    const listener = { interestStarted: () => undefined, interestEnded: () => undefined };
    const counts = new InterestCounts([MAIL], listener, { maxClients: 6, maxClientsPerUser: 2 });
    expect(counts.needsUser(":1.1")).toBe(false);
    counts.add(":1.1", [MAIL]);
    expect([counts.needsUser(":1.1"), counts.needsUser(":1.2")]).toEqual([false, true]);
    for (const client of [":1.2", ":1.3"]) counts.add(client, [MAIL], 1000);
    expect(() => counts.add(":1.4", [MAIL], 1000)).toThrow("a user may have 2 interested clients");
    counts.add(":1.4", [MAIL], 1001);
    counts.remove(":1.2", [MAIL]);
    counts.add(":1.5", [MAIL], 1000);
    counts.removeClient(":1.3");
    counts.add(":1.6", [MAIL], 1000);
    expect(() => counts.add(":1.7", [MAIL], 1000)).toThrow("a user may have 2 interested clients");
    counts.removeAllClients();
    for (const client of [":1.2", ":1.3"]) counts.add(client, [MAIL], 1000);
    expect(counts.clientCount).toBe(2);
  });

  test.each([
    [0, false],
    [2, false],
    [3, true],
    [6, true],
  ])("with a quota of 6 clients for a user and %i clients, another one requires its user: %s", (count, expected) => {
    const listener = { interestStarted: () => undefined, interestEnded: () => undefined };
    const counts = new InterestCounts([MAIL], listener, { maxClientsPerUser: 6 });
    for (let number = 0; number < count; number++) counts.add(`:1.${number}`, [MAIL], number);
    expect(counts.needsUser(":1.100")).toBe(expected);
  });

  test("an undeclared token has no interests", () => {
    const { counts } = counting();
    counts.add(":1.1", [LOCATION, MAIL]);
    expect([counts.interestCount(":1.1", "org.example.No"), counts.interestedClientCount("org.example.No")]).toEqual([
      0, 0,
    ]);
  });

  test("close() before activate() reports nothing", () => {
    const { counts, reported } = counting();
    counts.add(":1.1", [MAIL]);
    counts.close();
    counts.activate();
    expect(reported).toEqual([]);
  });
});

/** Expected state: number of interests by client and token, and whether changes are reported. */
interface Model {
  readonly counts: Map<string, number>;
  state: "inactive" | "active" | "closed";
}

interface Real {
  readonly counts: InterestCounts;
  /** For each token, whether the last report was that interest started. */
  readonly live: Map<string, boolean>;
}

const CLIENTS = [":1.1", ":1.2", ":1.3"];
const TOKENS = ["a", "b", "c"];

/** Makes one change in the model and in the tested object, and compares both. */
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
      expect(counts.interestedClientCount(token), token).toBe(interested.length);
      for (const client of CLIENTS)
        expect(counts.interestCount(client, token)).toBe(model.counts.get(client + token) ?? 0);
      expect(live.get(token) ?? false).toBe(model.state === "active" && interested.length > 0);
    }
  }

  toString = () => this.#text;
}

function change({ counts, state }: Model, client: string, tokens: readonly string[], by: 1 | -1): void {
  if (state === "closed") return;
  for (const token of tokens.filter((name) => TOKENS.includes(name))) {
    counts.set(client + token, Math.max(0, (counts.get(client + token) ?? 0) + by));
  }
}

const client = fc.constantFrom(...CLIENTS);
const tokens = fc.array(fc.constantFrom(...TOKENS, "undeclared", "a/b"), { maxLength: 5 });
const steps = [
  fc.tuple(client, tokens).map(
    ([clientName, names]) =>
      new Step(
        `add ${clientName} ${names}`,
        (model) => change(model, clientName, names, 1),
        (counts) => counts.add(clientName, names),
      ),
  ),
  fc.tuple(client, tokens).map(
    ([clientName, names]) =>
      new Step(
        `remove ${clientName} ${names}`,
        (model) => change(model, clientName, names, -1),
        (counts) => counts.remove(clientName, names),
      ),
  ),
  client.map(
    (clientName) =>
      new Step(
        `${clientName} leaves`,
        (model) => {
          for (const token of TOKENS) model.counts.delete(clientName + token);
        },
        (counts) => counts.removeClient(clientName),
      ),
  ),
  fc.constant(
    new Step(
      "connected",
      (model) => {
        if (model.state === "inactive") model.state = "active";
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

test("counts agree with a model for any sequence of calls and departures", () => {
  const commands = fc.commands([...steps, ...steps, ...steps, fc.constant(end)], { maxCommands: 80 });
  fc.assert(
    fc.property(commands, (run) => {
      const live = new Map<string, boolean>();
      // Each change must be reported exactly once.
      const report = (token: string, isInterested: boolean): void => {
        expect(live.get(token) ?? false, token).toBe(!isInterested);
        live.set(token, isInterested);
      };
      const listener = {
        interestStarted: (token: string) => report(token, true),
        interestEnded: (token: string) => report(token, false),
      };
      const real = { counts: new InterestCounts(TOKENS, listener), live };
      const model: Model = { counts: new Map(), state: "inactive" };
      fc.modelRun(() => ({ model, real }), run);
    }),
    { numRuns: runs(400) },
  );
});
