import { describe, expect, test } from "vitest";
import type { Argument } from "../../../../runtime/core/index.ts";
import { argumentsCodec, bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Reader } from "../../../../runtime/core/wire/reader.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";

const text: Argument = { name: "text", type: "s" };
const unnamed: Argument = { type: "u" };

const encodeTo = (codec: { encode(writer: Writer, values: readonly unknown[]): void }, values: readonly unknown[]) => {
  const writer = new Writer();
  codec.encode(writer, values);
  return writer.copyBytes();
};

test.each<readonly [string, number, readonly unknown[], string]>([
  ["", 0, [], ""],
  ["yy", 2, [1, 2], "0102"],
  ["ya{sv}u", 3, [1, {}, 7], "01000000 00000000 07000000"],
])("the body of signature %j has %i arguments; %j is encoded as %s", (signature, length, values, bytes) => {
  const codec = bodyCodec(signature);
  expect(codec).toMatchObject({ signature, length });
  expect(Buffer.from(encodeTo(codec, values)).toString("hex")).toBe(bytes.replaceAll(" ", ""));
  expect(codec.decode(new Reader(encodeTo(codec, values), true))).toHaveLength(length);
});

test.each([
  ["z", `"z" is not a signature: "z" is not a type code`],
  ["y".repeat(256), "a string of 256 characters is not a signature: "],
])("the signature %s is refused: %s", (signature, message) => {
  expect(() => bodyCodec(signature)).toThrow(message);
});

test("the arguments of a contract have a signature of at most 255 characters", () => {
  const arguments_ = (count: number): readonly Argument[] => new Array<Argument>(count).fill({ type: "y" });
  expect(argumentsCodec(arguments_(255)).length).toBe(255);
  expect(() => argumentsCodec(arguments_(256))).toThrow("the arguments have a signature of more than 255 characters");
});

describe("errors contain the name of the argument, or its number", () => {
  test.each<readonly [readonly Argument[], readonly unknown[], string]>([
    [[text], [1], `argument "text": expected `],
    [[text, unnamed], ["a", -1], "argument 2: expected "],
    [[unnamed, unnamed], ["a", 1], "argument 1: expected "],
    [[text], [], "expected 1 arguments (s), got 0"],
    [[text], ["a", "b"], "expected 1 arguments (s), got 2"],
    [[], [1], "expected 0 arguments (), got 1"],
  ])("%j with the values %j: %s", (args, values, message) => {
    expect(() => encodeTo(argumentsCodec(args), values)).toThrow(message);
  });
});

test("codecs are compiled once for a contract and for a signature", () => {
  const args = [text];
  expect(argumentsCodec(args)).toBe(argumentsCodec(args));
  expect(argumentsCodec([text])).not.toBe(argumentsCodec(args));
  expect(bodyCodec("sau")).toBe(bodyCodec("sau"));
});

test("values are decoded in steps to the same list", () => {
  const codec = bodyCodec("yasu");
  const values = [1, ["a", "b"], 3];
  const steps = codec.decodeInSteps(new Reader(encodeTo(codec, values), true));
  let step = steps.next();
  while (!step.done) step = steps.next();
  expect(step.value).toEqual(values);
});
