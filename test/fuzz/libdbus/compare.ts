import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type CompiledProgram, compileC } from "../../setup/c-program.ts";
import { type Canonical, ourResult, withLastValues } from "./canonical.ts";
import { randomMessage } from "./random-message.ts";

const SOURCE = fileURLToPath(new URL("demarshal.c", import.meta.url));

/** Result of comparing a range of messages. */
export interface Comparison {
  accepted: number;
  rejected: number;
  /** Messages that cannot be compared, by reason. */
  readonly exceptions: Map<string, number>;
  readonly differences: {
    readonly seed: number;
    readonly hex: string;
    readonly ours: string;
    readonly libdbus: string;
  }[];
}

/** Compiles the program that uses libdbus. */
export function compileDemarshal(): CompiledProgram {
  return compileC(SOURCE, "dbus-1", "libdbus-1-dev");
}

/** Decodes the messages of a range of seeds with libdbus and with our decoder, and compares verdicts and values. */
export function compareWithLibdbus(program: string, from: number, to: number): Comparison {
  const messages = Array.from({ length: to - from }, (_, index) => randomMessage(from + index));
  const lines = demarshal(program, messages);
  const comparison: Comparison = { accepted: 0, rejected: 0, exceptions: new Map(), differences: [] };
  for (const [index, bytes] of messages.entries()) {
    const ours = ourResult(bytes);
    if ("exception" in ours && ours.isAcceptedByLibdbus === (lines[index] !== null)) {
      comparison.exceptions.set(ours.exception, (comparison.exceptions.get(ours.exception) ?? 0) + 1);
      continue;
    }
    const expected = JSON.stringify(withLastValues(lines[index] ?? null));
    const actual = JSON.stringify("exception" in ours ? ours.exception : ours.canonical);
    if (expected === actual) comparison[actual === "null" ? "rejected" : "accepted"]++;
    else {
      const hex = Buffer.from(bytes).toString("hex");
      comparison.differences.push({ seed: from + index, hex, ours: actual, libdbus: expected });
    }
  }
  return comparison;
}

function demarshal(program: string, messages: readonly Uint8Array[]): readonly Canonical[] {
  const parts = messages.flatMap((bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  });
  const { status, signal, stdout } = spawnSync(program, { input: Buffer.concat(parts), maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`the program of libdbus ended with ${signal ?? status}`);
  return stdout
    .toString()
    .trimEnd()
    .split("\n")
    .map((line): Canonical => JSON.parse(line));
}
