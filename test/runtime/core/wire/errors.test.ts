import { expect, test } from "vitest";
import {
  addLocation,
  describeValue,
  excerpt,
  InvalidValueError,
  quoted,
} from "../../../../runtime/core/wire/errors.ts";

const [SHORT, LONG] = ["x".repeat(64), `ab${"x".repeat(63)}`];

test.each([
  ["", ""],
  [SHORT, SHORT],
  [LONG, `ab${"x".repeat(62)}…`],
])("the excerpt of %j is %j", (text, expected) => {
  expect(excerpt(text)).toBe(expected);
  expect(quoted(text)).toBe(`"${expected}"`);
});

test.each<readonly [unknown, string]>([
  ["a\n", '"a\\n"'],
  [SHORT, `"${SHORT}"`],
  [LONG, "a string of 65 characters"],
  [1.5, "1.5"],
  [7n, "7n"],
  [null, "null"],
  [undefined, "undefined"],
  [true, "true"],
  [Symbol("a"), "Symbol(a)"],
  [() => 1, "a function"],
  [[1, 2], "an array of 2"],
  [{}, "an object"],
  [Object.create(null), "an object"],
  [new Map(), "an object of class Map"],
  [{ constructor: 1 }, "an object"],
])("the value %o is described as %s", (value, expected) => {
  expect(describeValue(value)).toBe(expected);
});

test("locations are added from the inside outwards, to errors of values only", () => {
  const error = new InvalidValueError("expected a string");
  expect([error.message, error.where]).toEqual(["expected a string", ""]);
  expect(addLocation('["a"]', error)).toBe(error);
  addLocation("argument 1", error);
  expect([error.message, error.where]).toEqual(['argument 1["a"]: expected a string', 'argument 1["a"]']);
  const other = new Error("other");
  expect([addLocation("argument 1", other), other.message]).toEqual([other, "other"]);
});
