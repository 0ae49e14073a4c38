import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { programArguments } from "../setup/program.ts";

interface Decoded {
  readonly name: string;
  readonly computed: number;
  readonly used: number;
}

const LENGTH = 2 ** 20;
/** Memory in bytes that is used or released during a measurement for other reasons. */
const NOISE = 2 ** 18;

const program = fileURLToPath(new URL("programs/decoded-memory.ts", import.meta.url));
const args = ["--expose-gc", ...programArguments(program), String(LENGTH)];
const decoded: readonly Decoded[] = JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);

describe("decoded values take at most a tenth more memory than computed before", () => {
  test.each(decoded)("$name", ({ computed, used }) => {
    expect(used).toBeLessThan(1.1 * computed + NOISE);
  });
});

test("most decoded values take the memory that is computed, so that few are refused needlessly", () => {
  const close = decoded.filter(({ computed, used }) => computed < 1.5 * used + NOISE);
  expect(close.length).toBeGreaterThan(0.8 * decoded.length);
});
