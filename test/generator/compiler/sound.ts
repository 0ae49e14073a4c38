import { expect } from "vitest";
import { compile } from "../compile.ts";
import { executed, hasAny, type run, statements } from "../support.ts";

export type Result = Awaited<ReturnType<typeof run>>;

/** Returns the messages of the errors. */
export const errorsOf = ({ diagnostics }: Result) =>
  diagnostics.flatMap(({ severity, message }) => (severity === "error" ? [message] : []));

/** Expects no error, and modules that compile, contain no `any` and execute no code. */
export function expectSound(result: Result): void {
  expect(errorsOf(result)).toEqual([]);
  expect(compile(result.files)).toEqual([]);
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
