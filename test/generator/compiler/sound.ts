import { expect } from "vitest";
import { executed, hasAny, statements } from "../modules.ts";
import { mustCompile } from "../must-compile.ts";
import type { run } from "../support.ts";

export type Result = Awaited<ReturnType<typeof run>>;

/** Returns the messages of the errors. */
export const errorsOf = ({ diagnostics }: Result) =>
  diagnostics.flatMap(({ severity, message }) => (severity === "error" ? [message] : []));

/** Expects no error, and modules that contain no `any` and execute no code. They must compile. */
export function expectSound(result: Result): void {
  expect(errorsOf(result)).toEqual([]);
  mustCompile(result.files);
  for (const { path, text } of result.files) {
    expect(hasAny(text), path).toBe(false);
    expect(statements(text).filter((statement) => statement.startsWith("!"), path)).toEqual([]);
    expect(
      executed(text).filter((code) => code !== "super" && code !== "this.$call"),
      path,
    ).toEqual([]);
  }
}

/** Returns the interface names in the text of a spec. */
export const interfaceNames = (content: string | Uint8Array): readonly string[] =>
  [...content.toString().matchAll(/<interface\s+name="([^"]+)"/g)].map(([, name = ""]) => name);
