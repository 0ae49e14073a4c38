import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  isBusName,
  isErrorName,
  isInterfaceName,
  isMemberName,
  isObjectPath,
  isSignature,
} from "@dbus-codegen-ts/runtime/grammar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyText } from "../../../setup/any-text.ts";
import { runs } from "../../../setup/runs.ts";
import { DATA, lines, run, spec } from "../../support.ts";
import { accepts, escaped, iface, method, rejects } from "../verdict.ts";

test("rejects interface names that are paths; file names contain only valid characters [G09]", async () => {
  for (const name of ["../../x.y", "/etc/a.b", "a.b/../c", "a.b\\c", "..", "a..b"]) await rejects(iface(name), "name");
  const anyName = fc.oneof(anyText(), fc.stringMatching(/^[a-cA-C._/\\-]{1,12}$/));
  await fc.assert(
    fc.asyncProperty(anyName, anyName, async (name, path) => {
      const shared = `<tp:generic-types xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"><tp:simple-type name="T" type="u"/></tp:generic-types>`;
      const { files } = await run({ "i.xml": iface(escaped(name)), [path]: shared });
      for (const file of files) expect(file.path).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]*\.ts$/);
    }),
    { numRuns: runs(100) },
  );
});

test("rejects interface names with quotes, line breaks and placeholders [G10]", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a hostile spec contains it
  for (const name of [`a.b";process.exit()//`, "a.b\nc", "a.${b}", "a.b\u2028c", "a.b`c"]) {
    await rejects(iface(escaped(name).replaceAll("\n", "&#10;")), "name");
  }
});

test("rejects interface names that the D-Bus specification does not allow [G11]", async () => {
  await accepts(iface(`a.${"b".repeat(253)}`));
  for (const name of [`a.${"b".repeat(254)}`, "nodot", "a.1b", "a.b-c", "\u0430.b.C", "a.b.", ".a.b", "a b.c"])
    await rejects(iface(name), "name");
});

describe("agrees with the verdicts of libdbus", () => {
  const verdicts = (): Readonly<Record<string, readonly (readonly [string, 0 | 1])[]>> =>
    JSON.parse(readFileSync(join(DATA, "validators/libdbus-verdicts.json"), "utf8"));
  const disagreements = (kind: string, isValid: (text: string) => boolean): readonly string[] =>
    (verdicts()[kind] ?? []).flatMap(([text, valid]) => (isValid(text) === (valid === 1) ? [] : [text]));

  test.each([
    ["interface", isInterfaceName],
    ["member", isMemberName],
    ["error", isErrorName],
    ["bus", isBusName],
    ["path", isObjectPath],
  ])("about names: %s [G11]", (kind, isValid) => {
    expect(verdicts()[kind]?.length).toBeGreaterThan(900);
    expect(disagreements(kind, isValid)).toEqual([]);
  });

  test("about signatures [G20]", () => {
    expect(verdicts()["signature"]?.length).toBeGreaterThan(3_900);
    expect(disagreements("signature", isSignature)).toEqual([]);
  });
});

test("rejects member names that the D-Bus specification does not allow [G12]", async () => {
  for (const name of ["x(){};process.exit();//", "m".repeat(256), "a.b", "", "1m", "m-n", "\u043C"]) {
    for (const kind of ["method", "signal"]) await rejects(spec(`<${kind} name="${name}"/>`), "name");
    // Property names may contain hyphens. Other invalid names are rejected for properties too.
    if (name !== "m-n") await rejects(spec(`<property name="${name}" type="s" access="read"/>`), "name");
  }
  await accepts(method("m".repeat(255)));
});

test("rejects names of child nodes that are not relative object paths [G29]", async () => {
  for (const name of ["../../etc", "/abs", "a//b", "a/", "..", "a\u2028", ""])
    await rejects(`<node><node name="${name}"/></node>`, "name");
  expect(lines(await run(`<node name="/a/b"><node name="c_1"/></node>`))).toEqual([]);
});
