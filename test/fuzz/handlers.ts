import { HandlerRig, PLACES, type Place, type RigCase, type RigOutcome } from "../runtime/core/fixtures/handler-rig.ts";
import { HOSTILE_VALUES, PROMISES } from "../runtime/core/fixtures/hostile-values.ts";

/**
 * A way in which a handler ends. `end` receives the hostile value; `fails` is true if the call fails with every value.
 */
interface Ending {
  readonly end: (value: unknown) => unknown;
  readonly fails: boolean;
  /** Whether the handler ends in the same turn. Handlers whose values are read during encoding must do so. */
  readonly isSync: boolean;
}

const throwValue = (value: unknown): never => {
  throw value;
};

/** Ways in which a handler can end, by description. */
export const ENDINGS: Readonly<Record<string, Ending>> = {
  throws: { end: throwValue, fails: true, isSync: true },
  returns: { end: (value) => value, fails: false, isSync: true },
  "returns a promise of": { end: async (value) => value, fails: false, isSync: false },
  ...Object.fromEntries(
    Object.entries(PROMISES).map(([what, end]) => [`returns ${what} with`, { end, fails: true, isSync: false }]),
  ),
};

/** A call whose handler ends with a hostile value. */
export interface HandlerCase {
  readonly place: Place;
  readonly ending: string;
  readonly value: string;
  /** Way in which the error hook ends. */
  readonly hookEnding?: string;
  readonly isSilent?: boolean;
}

/** Returns whether a handler can end in this way in a place. */
export function isPossible({ place, ending }: Pick<HandlerCase, "place" | "ending">): boolean {
  return PLACES[place].uses !== "value" || ENDINGS[ending]?.isSync === true;
}

/** Returns the n-th case of an endless sequence. */
export function handlerCase(seed: number): HandlerCase {
  const random = randomNumbers(seed);
  const pick = <T>(items: readonly T[]): T => items[random() % items.length] as T;
  const places = Object.keys(PLACES) as Place[];
  const endings = Object.keys(ENDINGS);
  for (;;) {
    const picked = { place: pick(places), ending: pick(endings), value: pick(Object.keys(HOSTILE_VALUES)) };
    if (!isPossible(picked)) continue;
    const isSilent = random() % 8 === 0;
    return random() % 2 === 0 ? { ...picked, isSilent } : { ...picked, isSilent, hookEnding: pick(endings) };
  }
}

/**
 * Runs cases and returns those that went wrong. Each call must get exactly one reply: FailedError, which is also
 * reported to the error hook. Other outcomes are allowed where the value only decides whether a call continues, and for
 * calls that request no reply.
 */
export async function runCases(rig: HandlerRig, cases: readonly HandlerCase[]): Promise<readonly string[]> {
  const outcomes = await rig.run(cases.map(rigCaseOf));
  const failures = outcomes.flatMap((outcome, index) => {
    const handler = cases[index];
    if (handler === undefined || isExpected(handler, outcome)) return [];
    return [`${JSON.stringify(handler)}: ${JSON.stringify(outcome)}`];
  });
  return rig.isLost ? [...failures, "the connection was lost"] : failures;
}

/** Runs cases by number, on a new connection. */
export async function fuzzHandlers(first: number, end: number): Promise<readonly string[]> {
  await using rig = await HandlerRig.start();
  const failures: string[] = [];
  for (let from = first; from < end; from += CASES_AT_ONCE) {
    const count = Math.min(CASES_AT_ONCE, end - from);
    failures.push(
      ...(await runCases(
        rig,
        Array.from({ length: count }, (_, index) => handlerCase(from + index)),
      )),
    );
  }
  return failures;
}

const CASES_AT_ONCE = 100;

/** Converts a case to the form that HandlerRig runs: with functions in place of names. */
export function rigCaseOf({ place, ending, value, hookEnding, isSilent = false }: HandlerCase): RigCase {
  const create = HOSTILE_VALUES[value];
  const endWith = (name: string) => () => ENDINGS[name]?.end(create?.());
  const action = endWith(ending);
  return { place, action, isSilent, ...(hookEnding !== undefined && { hookAction: endWith(hookEnding) }) };
}

function isExpected({ place, ending, value, isSilent }: HandlerCase, { replies, reports }: RigOutcome): boolean {
  const isEnded = (reply: string, times: number): boolean =>
    reports === times && replies.length === 1 && replies[0] === reply;
  // Results are not read for a caller who requests no reply.
  if (isSilent) return replies.length === 0 && reports <= 1;
  if (place === "a refuse hook") return isEnded("UnknownMethod", 1);
  if (place === "a lookup in a subtree" && ending === "returns" && value === "undefined") {
    return isEnded("UnknownObject", 0);
  }
  const continues = PLACES[place].uses === "decision" && ENDINGS[ending]?.fails === false && isEnded("", 0);
  return continues || isEnded("Failed", 1);
}

/** Returns a generator of numbers from 0 that depends only on its seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
