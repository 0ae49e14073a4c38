import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { InvalidHandleError, NetworkError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { beforeEach, describe, expect, test } from "vitest";
import { ContactInformation } from "../../../../../runtime/telepathy/connection/presence/contact-information.ts";
import type { RenameContext } from "../../../../../runtime/telepathy/connection/presence/rename-model.ts";
import type { ConnectionPhase } from "../../../../../runtime/telepathy/connection/status-machine.ts";
import type { PresenceProtocol } from "../../../../../runtime/telepathy/protocols/presence.ts";
import { ScriptedProtocol } from "../../scripted-protocol.ts";

const { Available, Away, Offline } = ConnectionPresenceType;
const AVAILABLE: Presence = { type: Available, status: "available", statusMessage: "" };
const OFFLINE: Presence = { type: Offline, status: "offline", statusMessage: "" };

let phase: ConnectionPhase;
let handles: string[];
let limit: number;
let set: string[];
let watched: string[];
let events: unknown[];
let information: ContactInformation;
let failure: Error | undefined;

const protocol: PresenceProtocol = {
  statuses: {
    available: { type: Available, maySetOnSelf: true, canHaveMessage: false },
    away: { type: Away, maySetOnSelf: true, canHaveMessage: true },
    offline: { type: Offline, maySetOnSelf: false, canHaveMessage: false },
  },
  maximumMessageLength: 3,
  async setPresence(status, message) {
    set.push(`${status} ${message}`);
    if (failure !== undefined) throw failure;
  },
  presences: (identifiers) => identifiers.map((identifier) => (identifier === "me" ? AVAILABLE : OFFLINE)),
  watch: (identifiers) => watched.push(...identifiers),
};

beforeEach(() => {
  phase = "connected";
  handles = ["me", "juliet"];
  limit = 3;
  [set, watched, events] = [[], [], []];
  failure = undefined;
  const context: RenameContext = {
    get phase() {
      return phase;
    },
    selfHandle: 1,
    lookup: (identifier) => handles.indexOf(identifier) + 1 || undefined,
    inspect: (list) =>
      list.map((handle) => {
        const identifier = handles[handle - 1];
        if (identifier === undefined) throw new InvalidHandleError("unknown");
        return identifier;
      }),
    ensureHandle(identifier) {
      const known = handles.indexOf(identifier) + 1;
      if (known === 0 && handles.length === limit) throw new LimitsExceededError("too many");
      return known || handles.push(identifier);
    },
    onError: (error) => events.push(error instanceof Error ? error.message : error),
  };
  const parts = {
    presence: protocol,
    aliases: { alias: (identifier: string) => (identifier === "me" ? "Me" : undefined), setOwnAlias: () => undefined },
    renaming: { requestRename: () => undefined },
  };
  const connection = new ScriptedProtocol({ parts }).open(Object.create(null), Object.create(null));
  information = new ContactInformation(connection, context);
  information.presence?.addListener({
    presencesChanged: (presences) =>
      events.push(new Map([...presences].map(([handle, { status }]) => [handle, status]))),
    statusesChanged: () => events.push("statuses"),
  });
  information.renames?.addListener({ renamed: (...args) => events.push(args) });
  information.aliases?.addListener({ aliasesChanged: (aliases) => events.push([...aliases]) });
});

describe("SetPresence", () => {
  test.each<[ConnectionPhase, string, string, readonly string[] | string]>([
    ["connected", "away", "", ["away "]],
    ["connected", "away", "😀😀😀😀", ["away 😀😀😀"]],
    ["connected", "available", "x", "InvalidArgument"],
    ["connected", "offline", "", "InvalidArgument"],
    ["connected", "constructor", "", "InvalidArgument"],
    ["new", "away", "", []],
    ["connecting", "away", "", []],
    ["new", "nosuch", "", "InvalidArgument"],
    ["disconnected", "away", "", "Disconnected"],
  ])("while %s: %s %j", async (when, status, message, expected) => {
    phase = when;
    const call = async (): Promise<void> => information.presence?.setPresence(status, message);
    if (typeof expected === "string") {
      await expect(call()).rejects.toMatchObject({ errorName: `im.telepathy1.Error.${expected}` });
      return;
    }
    await call();
    expect(set).toEqual(expected);
  });

  test("of several presences that are set before the connection is connected, the last is set when it is", async () => {
    phase = "new";
    await information.presence?.setPresence("away", "1");
    phase = "connecting";
    await information.presence?.setPresence("away", "12345");
    phase = "connected";
    failure = new NetworkError("no answer");
    information.connected();
    expect(set).toEqual(["away 123"]);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual(["statuses", new Map([[1, "available"]]), "no answer"]);
  });
});

test("statuses are those that can be set until the connection is connected", () => {
  phase = "new";
  expect(Object.keys(information.presence?.statuses ?? {})).toEqual(["available", "away"]);
  expect(information.presence?.maximumMessageLength).toBe(0);
  phase = "connected";
  expect(Object.keys(information.presence?.statuses ?? {})).toEqual(["available", "away", "offline"]);
  expect(information.presence?.maximumMessageLength).toBe(3);
});

test("changes are reported by handle, only of contacts that clients know, and only while connected", () => {
  information.presence?.presencesChanged(new Map([["stranger", OFFLINE]]));
  information.presence?.presencesChanged(
    new Map([
      ["juliet", AVAILABLE],
      ["stranger", OFFLINE],
    ]),
  );
  information.aliases?.aliasesChanged(
    new Map([
      ["juliet", "J."],
      ["stranger", "S."],
    ]),
  );
  information.aliases?.aliasesChanged(new Map([["stranger", "S."]]));
  phase = "disconnected";
  information.presence?.presencesChanged(new Map([["juliet", OFFLINE]]));
  information.aliases?.aliasesChanged(new Map([["juliet", "J."]]));
  information.renames?.contactRenamed("juliet", "other");
  expect(events).toEqual([new Map([[2, "available"]]), [[2, "J."]]]);
  expect(handles).toEqual(["me", "juliet"]);
});

test("a changed identifier gets a handle if a client knows the contact, and there is room", () => {
  information.renames?.contactRenamed("stranger", "other");
  expect(handles).toEqual(["me", "juliet"]);
  information.renames?.contactRenamed("juliet", "capulet");
  information.renames?.contactRenamed("capulet", "too-many");
  information.renames?.contactRenamed("capulet", "juliet");
  expect(events).toEqual([[2, 3, "capulet"], "too many", [3, 2, "juliet"]]);
});

test("attributes are those of the requested interfaces, and their contacts are watched", () => {
  const [presence = "", aliasing = ""] = information.attributeInterfaces;
  expect(information.attributes(["me", "juliet"], [])).toEqual([{}, {}]);
  expect(information.attributes(["me", "juliet"], [aliasing])).toEqual([{ alias: "Me" }, { alias: "juliet" }]);
  expect(watched).toEqual([]);
  expect(information.attributes(["juliet"], [presence])).toEqual([{ presence: OFFLINE }]);
  expect(watched).toEqual(["juliet"]);
  information.watch([1]);
  expect(watched).toEqual(["juliet", "me"]);
});
