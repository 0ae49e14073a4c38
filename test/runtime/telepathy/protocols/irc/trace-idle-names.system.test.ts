import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DBusError } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection";
import { AliasingClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Aliasing";
import { RenamingClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Renaming";
import { expect, test } from "vitest";
import { RemoteManager } from "../../../../../runtime/telepathy/client/remote-manager.ts";
import { DIALECTS } from "../../../../../runtime/telepathy/dialects/dialects.ts";
import { irc } from "../../../../../runtime/telepathy/protocols/irc/irc.ts";
import { eventually } from "../../eventually.ts";
import { startTestManager } from "../../test-manager.ts";
import { TRACES } from "../../traces.ts";
import { IrcPeer, IrcServer, MISSING_PROGRAM } from "./ngircd.ts";

/**
 * Intended differences from telepathy-idle, by situation: recorded line, the lines expected instead, and the
 * reason.
 */
const DECISIONS: Readonly<
  Record<string, readonly (readonly [theirs: string, ours: readonly string[], reason: string])[]>
> = {
  "the user changes the nickname": [
    [
      "signal AliasesChanged tester=Tester other=Other",
      ["signal AliasesChanged other=Other"],
      "the first is sent earlier",
    ],
  ],
  "the user changes the spelling of the nickname": [
    ["ok", ["signal AliasesChanged other=OTHER", "ok"], "the change is reported immediately"],
  ],
  "the nickname is in use": [["ok", ["ERR NotAvailable"], "the caller gets the error of the server"]],
  "the nickname is invalid": [["ERR NotAvailable", ["ERR InvalidArgument"], "the specification has this error"]],
  "the user sets an alias": [
    [
      "signal AliasesChanged other=OTHER third=Third",
      ["signal AliasesChanged third=Third"],
      "the first was sent before",
    ],
  ],
  "an empty alias is set": [["ERR NotAvailable", ["ERR InvalidArgument"], "the specification has this error"]],
};

/** Identifiers of contacts by handle in the recording. */
const RECORDED_HANDLES: Readonly<Record<string, string>> = { 1: "tester", 2: "juliet", 3: "other", 5: "third" };

/** Calls of each recorded situation. */
const CALLS: Readonly<Record<string, (context: Clients) => Promise<unknown>>> = {
  "aliases of the user and of a contact": async ({ aliasing, self, juliet }) => {
    expect(await aliasing.getAliasFlags()).toBe(0);
    expect(await aliasing.getAliases([self(), juliet])).toEqual(
      new Map([
        [self(), "Tester"],
        [juliet, "juliet"],
      ]),
    );
    expect(await aliasing.requestAliases([juliet, self()])).toEqual(["juliet", "Tester"]);
    await aliasing.getAliases([99]);
  },
  "the user changes the nickname": ({ renaming }) => renaming.requestRename("Other"),
  "the user changes the spelling of the nickname": ({ renaming }) => renaming.requestRename("OTHER"),
  "the nickname is in use": ({ renaming }) => renaming.requestRename("Romeo"),
  "the nickname is invalid": ({ renaming }) => renaming.requestRename("1bad nick"),
  "the user sets an alias": ({ aliasing, self }) => aliasing.setAliases(new Map([[self(), "Third"]])),
  "the alias of a contact is set": ({ aliasing, juliet }) => aliasing.setAliases(new Map([[juliet, "Third"]])),
  "aliases of the user and of a contact are set": ({ aliasing, self, juliet }) =>
    aliasing.setAliases(
      new Map([
        [self(), "Fourth"],
        [juliet, "Third"],
      ]),
    ),
  "an empty alias is set": ({ aliasing, self }) => aliasing.setAliases(new Map([[self(), ""]])),
};

interface Clients {
  readonly aliasing: AliasingClient;
  readonly renaming: RenamingClient;
  readonly juliet: number;
  self(): number;
}

/** Returns the last reply and all signals of each recorded situation, sorted, because their order is not defined. */
function readRecording(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(TRACES, "org.freedesktop.Telepathy-idle-names.txt"), "utf8");
  return new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((section) => {
        const [title = "", ...lines] = section.split("\n").map((line) => line.trim());
        const signals = lines.filter((line) => line.startsWith("signal")).map(describeRecordedSignal);
        const own = lines.filter((line) => !line.startsWith("signal"));
        const attributes = own.findIndex((line) => /^call (?:GetContactAttributes|InspectHandles)/.test(line));
        const [reply = ""] = own
          .slice(0, attributes < 0 ? undefined : attributes)
          .filter((line) => /^(?:ok|ERR)/.test(line))
          .slice(-1);
        return [title, [...signals, reply.replace(/^ok.*/, "ok").replace(/^ERR .*\./, "ERR ")]];
      }),
  );
}

function describeRecordedSignal(line: string): string {
  const [, name = "", args = ""] = /^signal (\w+) \((.*)\)$/.exec(line) ?? [];
  const identifier = (handle: string): string => RECORDED_HANDLES[handle] ?? handle;
  if (name === "AliasesChanged") {
    const pairs = [...args.matchAll(/\[(\d+), '([^']*)'\]/g)];
    return `signal AliasesChanged ${pairs.map(([, handle = "", alias = ""]) => `${identifier(handle)}=${alias}`).join(" ")}`;
  }
  return `signal ${name} ${[...args.matchAll(/\d+/g)].map(([handle]) => identifier(handle)).join(" ")}`;
}

test.skipIf(MISSING_PROGRAM !== undefined)(
  `names of an IRC connection change as with telepathy-idle${MISSING_PROGRAM === undefined ? "" : ` (skipped: ${MISSING_PROGRAM})`}`,
  async () => {
    await using server = await IrcServer.start();
    await using _ = await IrcPeer.connectUser(server.port, "Romeo");
    await using setup = await startTestManager([irc], { dialects: [DIALECTS["telepathy-0"]] });
    const bus = setup.client;
    const manager = new RemoteManager(bus, "test", "org.freedesktop.Telepathy");
    await using connection = await manager.connect("irc", {
      account: "Tester",
      server: "127.0.0.1",
      port: server.port,
    });
    const { target } = connection;
    const [juliet = 0] = await connection.handles(1, ["Juliet"]);
    const aliasing = new AliasingClient(bus, target);
    const renaming = new RenamingClient(bus, target);
    const received: string[] = [];
    const own = new ConnectionClient(bus, target);
    const identifiers = new Map([
      [connection.selfHandle, "tester"],
      [juliet, "juliet"],
    ]);
    const named = (handle: number): string => identifiers.get(handle) ?? `${handle}`;
    await own.signals.selfHandleChanged.subscribe((handle) =>
      received.push(`signal SelfHandleChanged ${named(handle)}`),
    );
    await own.signals.selfContactChanged.subscribe((handle, id) => {
      received.splice(-1, 1, `signal SelfHandleChanged ${id}`, `signal SelfContactChanged ${id}`);
      identifiers.set(handle, id);
    });
    await renaming.signals.renamed.subscribe((...handles) =>
      received.push(`signal Renamed ${handles.map(named).join(" ")}`),
    );
    await aliasing.signals.aliasesChanged.subscribe((pairs) =>
      received.push(`signal AliasesChanged ${pairs.map(({ handle, alias }) => `${named(handle)}=${alias}`).join(" ")}`),
    );
    const clients = { aliasing, renaming, juliet, self: () => connection.selfHandle };
    const recording = readRecording();
    expect(Object.keys(CALLS)).toEqual([...recording.keys()]);
    for (const [title, call] of Object.entries(CALLS)) {
      const expected = (recording.get(title) ?? []).flatMap((line) => {
        const decision = DECISIONS[title]?.find(([theirs]) => theirs === line);
        return decision === undefined ? [line] : decision[1];
      });
      received.length = 0;
      const reply = await call(clients).then(
        () => "ok",
        (error: unknown) => `ERR ${error instanceof DBusError ? error.errorName.split(".").at(-1) : error}`,
      );
      await eventually(() => expect([...received, reply], title).toEqual(expected));
    }
  },
);
