import { existsSync, readFileSync } from "node:fs";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeIdentifier, unescapeIdentifier } from "../../../../runtime/telepathy/connection/escape-identifier.ts";
import {
  connectionPlace,
  isManagerName,
  isProtocolName,
  managerPlace,
  nameOfPath,
  parseConnectionPath,
  pathOfName,
  protocolPlace,
} from "../../../../runtime/telepathy/connection/object-names.ts";
import { hasTraces, TRACES, TRACES_NOTE } from "../traces.ts";

describe.skipIf(!hasTraces)(`identifiers${TRACES_NOTE}`, () => {
  const file = `${TRACES}/tp_escape_as_identifier-vectors.json`;
  const vectors: readonly (readonly [string, string])[] = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : [];

  test.each(vectors)("%j becomes %s and back", (text, identifier) => {
    expect(escapeIdentifier(text)).toBe(identifier);
    expect(unescapeIdentifier(identifier)).toBe(text);
  });
});

test("every text becomes an identifier of its own, and comes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const identifier = escapeIdentifier(text);
      expect(identifier).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      expect(unescapeIdentifier(identifier)).toBe(text);
    }),
  );
});

test.each(["", "1abc", "a-b", "_4", "_4G", "_41", "_ff", "_C3_A9", "a_62"])("%j was not made by escaping", (text) => {
  expect(unescapeIdentifier(text)).toBeUndefined();
});

test("places of managers, protocols and connections", () => {
  expect(managerPlace("gabble")).toEqual({
    destination: "im.telepathy1.ConnectionManager.gabble",
    path: "/im/telepathy1/ConnectionManager/gabble",
  });
  expect(protocolPlace("salut", "local-xmpp").path).toBe("/im/telepathy1/ConnectionManager/salut/local_xmpp");
  const place = connectionPlace({ manager: "salut", protocol: "local-xmpp", account: "bob@example.com/telepathy" });
  expect(place.path).toBe("/im/telepathy1/Connection/salut/local_xmpp/bob_40example_2ecom_2ftelepathy");
  expect(nameOfPath(place.path)).toBe(place.destination);
  expect(pathOfName(place.destination)).toBe(place.path);
});

test("a connection's path tells its manager and protocol", () => {
  expect(parseConnectionPath("/im/telepathy1/Connection/salut/local_xmpp/bob_40x")).toEqual({
    manager: "salut",
    protocol: "local-xmpp",
    account: "bob_40x",
  });
  for (const path of [
    "/im/telepathy1/Connection/salut/local_xmpp",
    "/im/telepathy1/Connection/salut/local_xmpp/a/b",
    "/im/telepathy1/Connection/salut/local_xmpp/1a",
    "/im/telepathy1/Connection/1/x/a",
    "/org/freedesktop/Telepathy/Connection/salut/x/a",
    "im/telepathy1/Connection/salut/x/a",
    "",
  ]) {
    expect(parseConnectionPath(path), path).toBeUndefined();
  }
});

test("an account that is too long is cut off, and still told apart", () => {
  const [one, other] = ["a", "b"].map((end) => {
    const account = "x".repeat(1000) + end;
    return connectionPlace({ manager: "test", protocol: "irc", account }).destination;
  });
  expect(one).toHaveLength(255);
  expect(one).not.toBe(other);
  const short = "x".repeat(255 - "im.telepathy1.Connection.test.irc.".length);
  expect(connectionPlace({ manager: "test", protocol: "irc", account: short }).destination).toMatch(/\.x+$/);
});

test("the grammar of names", () => {
  expect(["gabble", "a_1", "A"].filter(isManagerName)).toHaveLength(3);
  expect(["", "1a", "_a", "a-b", "a.b", "a\n", "é", "x".repeat(250)].filter(isManagerName)).toEqual([]);
  expect(["irc", "local-xmpp", "A1"].filter(isProtocolName)).toHaveLength(3);
  expect(["", "1a", "-a", "a_b", "a.b", "a\n", "é"].filter(isProtocolName)).toEqual([]);
  expect(() => managerPlace("a-b")).toThrow(InvalidArgumentError);
  expect(() => connectionPlace({ manager: "a", protocol: "a_b", account: "x" })).toThrow(InvalidArgumentError);
  expect(() => connectionPlace({ manager: "a".repeat(200), protocol: "b".repeat(50), account: "x" })).toThrow(
    InvalidArgumentError,
  );
});
