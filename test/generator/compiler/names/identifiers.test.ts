import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import { NumberSuffixes } from "../../../../generator/compiler/names/number-suffix.ts";
import { Scope } from "../../../../generator/compiler/names/scope.ts";
import { camelCase, pascalCase } from "../../../../generator/compiler/names/words.ts";
import { anyText } from "../../../setup/any-text.ts";

test("a repeated name gets the first free number from 2 on, and continues after it", () => {
  const suffixes = new NumberSuffixes();
  const taken = new Set(["a2", "a3", "a5"]);
  const next = (name: string): string => {
    const found = suffixes.firstFree(
      name,
      (candidate) => !taken.has(candidate),
      (number) => `${name}${number}`,
    );
    taken.add(found);
    return found;
  };
  expect([next("a"), next("a"), next("b"), next("a")]).toEqual(["a4", "a6", "b2", "a7"]);
});

describe("identifiers", () => {
  // biome-ignore format: one case per line
  test.each([
    ["InspectHandles", "inspectHandles", "InspectHandles"],
    ["Self_Handle", "selfHandle", "SelfHandle"],
    ["debug-message", "debugMessage", "DebugMessage"],
    ["already", "already", "Already"],
    ["GetURL", "getURL", "GetURL"],
    ["URLOpened", "urlOpened", "URLOpened"],
    ["HTTPServer2", "httpServer2", "HTTPServer2"],
    ["IPv4", "ipv4", "IPv4"],
    ["SourceIPv6Rule", "sourceIPv6Rule", "SourceIPv6Rule"],
    ["DBus", "dbus", "DBus"],
    ["MyDBusThing", "myDBusThing", "MyDBusThing"],
    ["SHOUTING_CASE", "shoutingCase", "ShoutingCase"],
    ["A", "a", "A"],
    ["URL", "url", "URL"],
    ["URL_", "url", "URL"],
    ["URL_2", "url2", "URL2"],
    ["A_B", "aB", "AB"],
    ["aB", "aB", "AB"],
    ["3G", "_3G", "_3G"],
    ["v2", "v2", "V2"],
    ["_", "_", "_"],
    ["__proto__", "proto", "Proto"],
    ["", "_", "_"],
    ["\u00E9t\u00E9", "t", "T"],
  ])("%s: %s, %s", (name, camel, pascal) => {
    expect([camelCase(name), pascalCase(name)]).toEqual([camel, pascal]);
  });

  test("of any text are ASCII identifiers", () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        for (const name of [camelCase(text), pascalCase(text)]) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      }),
    );
  });

  test("in one scope are unique and not reserved", () => {
    const name = fc.constantFrom("a", "b", "a$", "a$2", "then");
    fc.assert(
      fc.property(fc.array(name), (wanted) => {
        const scope = new Scope(new Set(["then"]), "is reserved", new Diagnostics());
        const span = { source: { path: "" } as never, start: 0, end: 0 };
        const names = [
          ...scope
            .claim(wanted.map((name, index) => ({ of: index, name, preferred: name, description: name, span })))
            .values(),
        ];
        expect(new Set(names).size).toBe(wanted.length);
        expect(names).not.toContain("then");
      }),
    );
  });
});
