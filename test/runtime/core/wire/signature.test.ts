import { describe, expect, test } from "vitest";
import { readSignature } from "../../../../runtime/core/wire/signature.ts";

describe("a signature is read", () => {
  test.each([
    ["no type", "", []],
    ["basic types", "ybnqiuxtdsogh", [..."ybnqiuxtdsogh"].map((code) => ["basic", code])],
    [
      "containers one after another",
      "va(i(ss))a{sv}y",
      [
        ["variant", "v"],
        ["array", "a(i(ss))"],
        ["dict", "a{sv}"],
        ["basic", "y"],
      ],
    ],
    ["32 arrays", `${"a".repeat(32)}y`, [["array", `${"a".repeat(32)}y`]]],
    ["32 structs", `${"(".repeat(32)}y${")".repeat(32)}`, [["struct", `${"(".repeat(32)}y${")".repeat(32)}`]]],
    [
      "arrays in a struct in arrays",
      `${"a".repeat(32)}(${"a".repeat(32)}y)`,
      [["array", `${"a".repeat(32)}(${"a".repeat(32)}y)`]],
    ],
    ["255 characters", "y".repeat(255), new Array(255).fill(["basic", "y"])],
  ])("%s", (_, signature, expected) => {
    const read = readSignature(signature);
    expect(read.ok && read.types.map((type) => [type.kind, type.signature])).toEqual(expected);
  });
});

describe("what is no signature has a problem at a range of characters", () => {
  test.each([
    ["a", 1, 0, "unterminated", "a type is missing at the end"],
    ["ai)", 2, 1, "unexpected", '")" closes nothing here'],
    ["i}", 1, 1, "unexpected", '"}" closes nothing here'],
    ["(ii", 0, 3, "unterminated", 'the struct is not closed, expected ")"'],
    ["i()", 1, 2, "empty-struct", "a struct has at least one field"],
    ["{sv}", 0, 1, "dict-entry", "a dict entry is valid only inside an array, as in a{sv}"],
    ["a{", 2, 0, "unterminated", "a type is missing at the end"],
    ["a{}", 1, 2, "dict-entry", "a dict entry has a key and a value"],
    ["a{s}", 1, 3, "dict-entry", "a dict entry has a key and a value"],
    ["ia{sv", 1, 4, "unterminated", 'the dict entry is not closed, expected "}"'],
    ["a{svi}", 4, 1, "dict-entry", "a dict entry has one key and one value"],
    ["a{vs}", 2, 1, "dict-key", "a dictionary key must be a basic type"],
    ["a{(ii)s}", 2, 4, "dict-key", "a dictionary key must be a basic type"],
    ["a{asv}", 2, 2, "dict-key", "a dictionary key must be a basic type"],
    ["iz", 1, 1, "code", '"z" is not a type code'],
    ["a{s!}", 3, 1, "code", '"!" is not a type code'],
    [`${"a".repeat(33)}y`, 32, 1, "depth", "arrays are nested more than 32 deep"],
    [`${"(".repeat(33)}y${")".repeat(33)}`, 32, 1, "depth", "structs are nested more than 32 deep"],
    [`${"(a".repeat(33)}y${")".repeat(33)}`, 64, 1, "depth", "structs are nested more than 32 deep"],
    [`${"a{s".repeat(33)}y${"}".repeat(33)}`, 97, 1, "depth", "dict entries are nested more than 32 deep"],
    ["y".repeat(257), 255, 2, "length", "a signature has at most 255 characters, this one has 257"],
  ])("%s", (signature, offset, length, reason, message) => {
    expect(readSignature(signature)).toEqual({ ok: false, problem: { offset, length, reason, message } });
  });
});
