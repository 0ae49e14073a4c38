import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeIdentifier, unescapeIdentifier } from "../../../../runtime/telepathy/connection/escape-identifier.ts";
import {
  busNameToPath,
  connectionTarget,
  isManagerName,
  isProtocolName,
  managerTarget,
  parseConnectionPath,
  pathToBusName,
  protocolTarget,
} from "../../../../runtime/telepathy/connection/object-names.ts";
import { TRACES } from "../traces.ts";

const vectors: readonly (readonly [string, string])[] = JSON.parse(
  readFileSync(`${TRACES}/tp_escape_as_identifier-vectors.json`, "utf8"),
);

test.each(vectors)("%j is escaped as %s, as by telepathy-glib", (text, identifier) => {
  expect(escapeIdentifier(text)).toBe(identifier);
  expect(unescapeIdentifier(identifier)).toBe(text);
});

test("escaping is reversible for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const identifier = escapeIdentifier(text);
      expect(identifier).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      expect(unescapeIdentifier(identifier)).toBe(text);
    }),
  );
});

test.each(["", "1abc", "a-b", "_4", "_4G", "_41", "_ff", "_C3_A9", "a_62"])(
  "%j is not an escaped identifier",
  (text) => {
    expect(unescapeIdentifier(text)).toBeUndefined();
  },
);

test("bus names and object paths of managers, protocols and connections", () => {
  expect(managerTarget("gabble")).toEqual({
    destination: "im.telepathy1.ConnectionManager.gabble",
    path: "/im/telepathy1/ConnectionManager/gabble",
  });
  expect(protocolTarget("salut", "local-xmpp").path).toBe("/im/telepathy1/ConnectionManager/salut/local_xmpp");
  const target = connectionTarget({ manager: "salut", protocol: "local-xmpp", account: "bob@example.com/telepathy" });
  expect(target.path).toBe("/im/telepathy1/Connection/salut/local_xmpp/bob_40example_2ecom_2ftelepathy");
  expect(pathToBusName(target.path)).toBe(target.destination);
  expect(busNameToPath(target.destination)).toBe(target.path);
});

test("a connection's path is parsed into manager, protocol and account", () => {
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
    "/org/freedesktop/Connection/salut/x/a",
    "im/telepathy1/Connection/salut/x/a",
    "",
  ]) {
    expect(parseConnectionPath(path), path).toBeUndefined();
  }
});

test("long accounts are truncated and still have different names", () => {
  const [first, second] = ["a", "b"].map((end) => {
    const account = "x".repeat(1000) + end;
    return connectionTarget({ manager: "test", protocol: "irc", account }).destination;
  });
  expect(first).toHaveLength(255);
  expect(first).not.toBe(second);
  const short = "x".repeat(255 - "im.telepathy1.Connection.test.irc.".length);
  expect(connectionTarget({ manager: "test", protocol: "irc", account: short }).destination).toMatch(/\.x+$/);
});

test("names of managers and protocols are validated", () => {
  expect(["gabble", "a_1", "A"].filter(isManagerName)).toHaveLength(3);
  expect(["", "1a", "_a", "a-b", "a.b", "a\n", "é", "x".repeat(250)].filter(isManagerName)).toEqual([]);
  expect(["irc", "local-xmpp", "A1"].filter(isProtocolName)).toHaveLength(3);
  expect(["", "1a", "-a", "a_b", "a.b", "a\n", "é"].filter(isProtocolName)).toEqual([]);
  expect(() => managerTarget("a-b")).toThrow(InvalidArgumentError);
  expect(() => connectionTarget({ manager: "a", protocol: "a_b", account: "x" })).toThrow(InvalidArgumentError);
  expect(() => connectionTarget({ manager: "a".repeat(200), protocol: "b".repeat(50), account: "x" })).toThrow(
    InvalidArgumentError,
  );
});
