import { expect, test } from "vitest";
import { pathIn, rootOfPath } from "../../../../runtime/telepathy/connection/object-names.ts";
import { canonicalErrorName, nameIn } from "../../../../runtime/telepathy/dialects/dialect.ts";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";

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

test("dialects with equal roots differ in members, and no contract has a name of another root", () => {
  for (const { root, contracts } of Object.values(DIALECTS)) {
    for (const { name, errors = [] } of Object.values(contracts)) {
      expect(
        [name, ...errors.map(({ errorName }) => errorName)].filter((text) => !text.startsWith(`${root}.`)),
      ).toEqual([]);
    }
  }
});
