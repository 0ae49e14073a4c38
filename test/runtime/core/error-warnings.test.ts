import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errorWarnings, warnOfErrors } from "../../../runtime/core/error-warnings.ts";

const emitted: string[] = [];

beforeEach(() => {
  emitted.length = 0;
  vi.spyOn(process, "emitWarning").mockImplementation((text) => void emitted.push(String(text)));
});
afterEach(() => vi.restoreAllMocks());

const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error("read");
    },
    getPrototypeOf: () => {
      throw new Error("class");
    },
  },
);

/** Returns an error with a stack that cannot be read. */
function unreadable(): Error {
  const error = new Error("x");
  Object.defineProperty(error, "stack", {
    get: () => {
      throw new Error("stack");
    },
  });
  return error;
}

describe("a warning", () => {
  test("has the member, the caller and the stack of the error and its causes", () => {
    const error = new TypeError("no such song", { cause: new RangeError("0") });
    warnOfErrors()(error, {
      kind: "handler",
      sender: ":1.5",
      path: "/a",
      interface: "org.example.Jukebox1",
      member: "Play",
    });
    expect(emitted[0]).toMatch(
      /^error in handler org\.example\.Jukebox1\.Play at \/a, sender :1\.5: TypeError: no such song\n {4}at .*\n[\s\S]*\ncaused by: RangeError: 0\n/,
    );
  });

  test.each([
    ["refusal Play at /a, sender :1.5", { kind: "refusal", sender: ":1.5", path: "/a", member: "Play" }],
    ["announcement a.b at /a", { kind: "announcement", path: "/a", interface: "a.b" }],
    ["message Play, sender :1.5", { kind: "message", sender: ":1.5", member: "Play" }],
    ["message, sender :1.5", { kind: "message", sender: ":1.5" }],
    ["abortListener, sender :1.5", { kind: "abortListener", sender: ":1.5" }],
    ["nameListener a.b", { kind: "nameListener", name: "a.b" }],
    ["connectionHook", { kind: "connectionHook" }],
  ] as const)("for an origin begins with: error in %s", (expected, origin) => {
    warnOfErrors()("x", origin);
    expect(emitted).toEqual([`error in ${expected}: x`]);
  });

  test.each([
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["an object without a class", Object.create(null), "an error without a text"],
    ["an object that throws when it is read", throwing, "an error without a text"],
    ["an error whose stack cannot be read", unreadable(), "an error without a text"],
    ["control characters and bidirectional text", "\u001b[2J\u202e", "\\u{1b}[2J\\u{202e}"],
    ["an error that is its own cause", selfCaused(), ["x", "x", "x", "x"].join("\ncaused by: ")],
  ])("is emitted for %s", (_, error, expected) => {
    errorWarnings()(error, "it");
    expect(emitted).toEqual([`error in it: ${expected}`]);
  });

  test("has at most 10,000 characters of the error", () => {
    errorWarnings()("x".repeat(1_000_000), "it");
    expect(emitted[0]?.length).toBe(10_000 + "error in it: ".length);
  });

  test("does not throw if the function of the process does", () => {
    vi.mocked(process.emitWarning).mockImplementation(() => {
      throw new Error("replaced");
    });
    expect(() => errorWarnings()(new Error("x"), "it")).not.toThrow();
  });
});

test("each place in the code warns once for each subject, whatever its caller", () => {
  const report = errorWarnings();
  const bug = (): Error => new Error("bug");
  for (const caller of [":1.1", ":1.2"]) report(bug(), "Play", caller);
  report(new Error("bug"), "Play");
  report(bug(), "Stop");
  expect(emitted).toHaveLength(3);
});

test("at most 100 places are reported", () => {
  const report = errorWarnings();
  for (let index = 0; index < 1000; index++) report("x", `subject ${index}`);
  expect(emitted).toHaveLength(100);
});

function selfCaused(): Error {
  const error = new Error("x");
  error.stack = "x";
  error.cause = error;
  return error;
}
