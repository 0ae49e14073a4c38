import { describe, expect, test } from "vitest";
import { compareWithLibdbus, compileDemarshal } from "./compare.ts";
import { randomMessage } from "./random-message.ts";

const COUNT = 2000;
const compiled = compileDemarshal();
if ("missing" in compiled) console.log(`the comparison with libdbus is skipped: it needs ${compiled.missing}`);

describe.runIf("program" in compiled)("libdbus and our decoder", () => {
  test(`accept the same of ${COUNT} messages, valid and mutated, in both byte orders, with the same values`, () => {
    const program = "program" in compiled ? compiled.program : "";
    const { accepted, rejected, exceptions, differences } = compareWithLibdbus(program, 0, COUNT);
    expect(differences).toEqual([]);
    // Both outcomes must occur often, otherwise the messages test nothing.
    expect(Math.min(accepted, rejected)).toBeGreaterThan(COUNT / 5);
    expect([...exceptions.values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(COUNT / 10);
  });
});

test("a seed always results in the same message, and both byte orders occur", () => {
  expect(randomMessage(7)).toEqual(randomMessage(7));
  const orders = Array.from({ length: 100 }, (_, seed) => randomMessage(2 * seed)[0]);
  expect(orders).toContain(0x6c);
  expect(orders).toContain(0x42);
});
