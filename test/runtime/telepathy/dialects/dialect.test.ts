import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { InterfaceContract } from "../../../../runtime/core/index.ts";
import { pathIn, rootOfPath } from "../../../../runtime/telepathy/connection/object-names.ts";
import { canonicalErrorName, nameIn } from "../../../../runtime/telepathy/dialects/dialect.ts";

test.each([
  ["im.telepathy1.Connection", "org.freedesktop.Telepathy.Connection"],
  ["im.telepathy1.Error.Cert.NotProvided", "org.freedesktop.Telepathy.Error.Cert.NotProvided"],
  ["im.telepathy1.Connection.Interface.Location1", "org.freedesktop.Telepathy.Connection.Interface.Location"],
  ["im.telepathy1.Channel.Type.Text1.Send", "org.freedesktop.Telepathy.Channel.Type.Text.Send"],
  [
    "im.telepathy1.Connection.Interface.MailNotification1/count",
    "org.freedesktop.Telepathy.Connection.Interface.MailNotification/count",
  ],
  ["im.telepathy1.Channel.Interface.Group1.AddMembers", "org.freedesktop.Telepathy.Channel.Interface.Group.AddMembers"],
  ["im.telepathy1.Channel.Interface.Room1", "org.freedesktop.Telepathy.Channel.Interface.Room2"],
  ["im.telepathy1.Channel.Interface.Room1.RoomName", "org.freedesktop.Telepathy.Channel.Interface.Room2.RoomName"],
  ["im.telepathy1.Channel.Interface.RoomConfig1", "org.freedesktop.Telepathy.Channel.Interface.RoomConfig1"],
  ["im.telepathy1.Channel.Interface.Subject1.Subject", "org.freedesktop.Telepathy.Channel.Interface.Subject2.Subject"],
  [
    "im.telepathy1.Connection.Interface.Presence1/presence",
    "org.freedesktop.Telepathy.Connection.Interface.SimplePresence/presence",
  ],
  ["im.telepathy1.Connection/contact-id", "org.freedesktop.Telepathy.Connection/contact-id"],
  ["im.telepathy12.Connection", "im.telepathy12.Connection"],
  ["org.example.Interface.Mood1", "org.example.Interface.Mood1"],
])("%s is %s in telepathy-0", (canonical, renamed) => {
  expect(nameIn("org.freedesktop.Telepathy", canonical)).toBe(renamed);
  expect(nameIn("im.telepathy1", canonical)).toBe(canonical);
});

test.each([
  ["org.freedesktop.Telepathy.Error.Cancelled", "im.telepathy1.Error.Cancelled"],
  ["im.telepathy1.Error.Cancelled", "im.telepathy1.Error.Cancelled"],
  ["org.freedesktop.DBus.Error.Failed", "org.freedesktop.DBus.Error.Failed"],
  ["org.freedesktop.Telepathy.Errors", "org.freedesktop.Telepathy.Errors"],
])("the canonical name of the error %s is %s", (name, canonical) => {
  expect(canonicalErrorName(name)).toBe(canonical);
});

test.each([
  ["/im/telepathy1/Account/a/b/c", "im.telepathy1", "/org/freedesktop/Telepathy/Account/a/b/c"],
  [
    "/org/freedesktop/Telepathy/AccountManager",
    "org.freedesktop.Telepathy",
    "/org/freedesktop/Telepathy/AccountManager",
  ],
  ["/im/telepathy12/Account", undefined, "/im/telepathy12/Account"],
  ["/", undefined, "/"],
])("the path %s has the root %s", (path, root, renamed) => {
  expect([rootOfPath(path), pathIn("org.freedesktop.Telepathy", path)]).toEqual([root, renamed]);
});

test.each([
  ["", "im.telepathy1."],
  ["telepathy-1-2013/", "im.telepathy1."],
  ["telepathy-0/", "org.freedesktop.Telepathy."],
])("contracts in generated/%s have no errors of another root than %s", async (folder, root) => {
  const generated = new URL(`../../../../generated/${folder}`, import.meta.url);
  const files = readdirSync(generated).filter((file) => file.startsWith(root) && file.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const module: Readonly<Record<string, Partial<InterfaceContract>>> = await import(new URL(file, generated).href);
    const errors = Object.values(module).flatMap((exported) => exported.errors ?? []);
    expect(errors.map(({ errorName }) => errorName).filter((name) => !name.startsWith(root))).toEqual([]);
  }
});
