import { Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionStatus, ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ConnMgrParamFlags, type ParamSpec } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { updateParameters } from "../../../../runtime/telepathy/accounts/account-parameters.ts";
import { viewOf } from "../../../../runtime/telepathy/accounts/account-properties.ts";
import { AVAILABLE, newSettings, OFFLINE } from "../../../../runtime/telepathy/accounts/account-settings.ts";
import {
  type AccountEffect,
  type AccountEvent,
  type AccountState,
  initialState,
  step,
  wantsOnline,
} from "../../../../runtime/telepathy/accounts/account-state-machine.ts";
import { retryDelay } from "../../../../runtime/telepathy/accounts/retry-delay.ts";

const { NetworkError, AuthenticationFailed, NameInUse, Requested, NoneSpecified } = ConnectionStatusReason;
const ERROR = { name: "im.telepathy1.Error.NetworkError", details: {} };
const REQUEST: AccountEvent = { kind: "presenceRequested", presence: AVAILABLE };
const LEAVE: AccountEvent = { kind: "presenceRequested", presence: OFFLINE };
const ENABLE: AccountEvent = { kind: "edited", changes: { enabled: true } };
const VALID: AccountEvent = { kind: "validated", valid: true };
const path = "/im/telepathy1/Connection/a/b/c";
const made = (attempt: number): AccountEvent => ({ kind: "made", attempt, path });
const left = (attempt: number): AccountEvent => ({ kind: "left", attempt });
const status = (attempt: number, to: ConnectionStatus, reason: ConnectionStatusReason = Requested): AccountEvent => ({
  kind: "statusChanged",
  attempt,
  status: to,
  reason,
});
const connected = (attempt: number): AccountEvent => status(attempt, ConnectionStatus.Connected);
const ended = (attempt: number, reason: ConnectionStatusReason): AccountEvent =>
  status(attempt, ConnectionStatus.Disconnected, reason);

function run(...events: readonly AccountEvent[]): { state: AccountState; effects: AccountEffect[] } {
  let state = initialState(newSettings("Test", new Map(), new Map()));
  const effects: AccountEffect[] = [];
  for (const event of events) {
    const next = step(state, event);
    state = next.state;
    effects.push(...next.effects.filter(({ kind }) => kind !== "store"));
  }
  return { state, effects };
}

const ONLINE = [ENABLE, VALID, REQUEST, made(1), connected(1)] as const;

describe("what follows from what", () => {
  test.each<[string, readonly AccountEvent[], readonly AccountEffect[]]>([
    ["a disabled account stays offline", [VALID, REQUEST], []],
    ["an invalid one too", [ENABLE, REQUEST], []],
    ["all three conditions connect it", [ENABLE, VALID, REQUEST], [{ kind: "request", attempt: 1 }]],
    ["in any order", [REQUEST, VALID, ENABLE], [{ kind: "request", attempt: 1 }]],
    [
      "offline disconnects it",
      [...ONLINE, LEAVE],
      [
        { kind: "request", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
      ],
    ],
    [
      "disabling does so too",
      [...ONLINE, { kind: "edited", changes: { enabled: false } }],
      [
        { kind: "request", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
      ],
    ],
    [
      "a connection that nobody wants any more when it is made goes at once",
      [ENABLE, VALID, REQUEST, LEAVE, made(1)],
      [
        { kind: "request", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
      ],
    ],
    [
      "coming back while it leaves waits for it to be gone",
      [...ONLINE, LEAVE, REQUEST, left(1)],
      [
        { kind: "request", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
        { kind: "request", attempt: 2 },
      ],
    ],
    [
      "reconnecting is leaving and coming back",
      [...ONLINE, { kind: "reconnectWanted" }, left(1)],
      [
        { kind: "request", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
        { kind: "request", attempt: 2 },
      ],
    ],
    ["reconnecting an offline account does nothing", [ENABLE, VALID, { kind: "reconnectWanted" }], []],
    [
      "after a network error it waits and tries again",
      [...ONLINE, ended(1, NetworkError), { kind: "retryDue" }],
      [
        { kind: "request", attempt: 1 },
        { kind: "wait", failures: 1 },
        { kind: "stopWaiting" },
        { kind: "request", attempt: 2 },
      ],
    ],
    [
      "offline ends the waiting",
      [...ONLINE, ended(1, NetworkError), LEAVE, { kind: "retryDue" }],
      [{ kind: "request", attempt: 1 }, { kind: "wait", failures: 1 }, { kind: "stopWaiting" }],
    ],
    [
      "after a crash of the connection manager too",
      [...ONLINE, { kind: "failed", attempt: 1, reason: NoneSpecified, error: ERROR }],
      [
        { kind: "request", attempt: 1 },
        { kind: "wait", failures: 1 },
      ],
    ],
    [
      "after a wrong password it does not",
      [...ONLINE, ended(1, AuthenticationFailed)],
      [{ kind: "request", attempt: 1 }],
    ],
    [
      "unless somebody asks",
      [...ONLINE, ended(1, AuthenticationFailed), REQUEST],
      [
        { kind: "request", attempt: 1 },
        { kind: "request", attempt: 2 },
      ],
    ],
    [
      "or changes the password",
      [...ONLINE, ended(1, AuthenticationFailed), { kind: "edited", changes: { secrets: new Map() } }],
      [
        { kind: "request", attempt: 1 },
        { kind: "request", attempt: 2 },
      ],
    ],
    [
      "nor where somebody disconnected the connection itself",
      [...ONLINE, ended(1, Requested)],
      [{ kind: "request", attempt: 1 }],
    ],
    [
      "a channel request brings it online",
      [ENABLE, VALID, { kind: "channelRequested" }],
      [{ kind: "request", attempt: 1 }],
    ],
    ["but not a disabled one", [VALID, { kind: "channelRequested" }], []],
    [
      "one that connects automatically does so when it becomes valid",
      [ENABLE, { kind: "edited", changes: { connectAutomatically: true } }, VALID],
      [{ kind: "request", attempt: 1 }],
    ],
    [
      "and when it is enabled",
      [{ kind: "edited", changes: { connectAutomatically: true } }, VALID, ENABLE],
      [{ kind: "request", attempt: 1 }],
    ],
    [
      "and from when it is to do so",
      [ENABLE, VALID, { kind: "edited", changes: { connectAutomatically: true } }],
      [{ kind: "request", attempt: 1 }],
    ],
    [
      "enabling one after a wrong password tries again, another name of it does not",
      [
        ...ONLINE,
        ended(1, AuthenticationFailed),
        { kind: "edited", changes: { displayName: "Mine" } },
        { kind: "edited", changes: { enabled: true } },
      ],
      [
        { kind: "request", attempt: 1 },
        { kind: "request", attempt: 2 },
      ],
    ],
    [
      "what an earlier connection has to say does not matter",
      [...ONLINE, LEAVE, left(1), REQUEST, made(2), ended(1, NetworkError)],
      [
        { kind: "request", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
        { kind: "request", attempt: 2 },
      ],
    ],
  ])("%s", (_, events, effects) => {
    expect(run(...events).effects).toEqual(effects);
  });
});

describe("what others see", () => {
  test.each<[string, readonly AccountEvent[], object]>([
    [
      "connecting",
      [ENABLE, VALID, REQUEST],
      {
        connectionStatus: ConnectionStatus.Connecting,
        connection: "/",
        changingPresence: true,
        requestedPresence: AVAILABLE,
      },
    ],
    [
      "connected",
      ONLINE,
      { connectionStatus: ConnectionStatus.Connected, connection: path, changingPresence: false, hasBeenOnline: true },
    ],
    ["a connection without presence", ONLINE, { currentPresence: { type: 0, status: "", statusMessage: "" } }],
    [
      "leaving",
      [...ONLINE, LEAVE],
      { connectionStatus: ConnectionStatus.Connected, connection: path, changingPresence: true },
    ],
    [
      "left",
      [...ONLINE, LEAVE, left(1)],
      {
        connectionStatus: ConnectionStatus.Disconnected,
        connection: "/",
        changingPresence: false,
        currentPresence: OFFLINE,
      },
    ],
    [
      "about to try again: connecting in name, but nothing is changing",
      [...ONLINE, ended(1, NetworkError)],
      { connectionStatus: ConnectionStatus.Connecting, connectionStatusReason: NetworkError, changingPresence: false },
    ],
    [
      "an error without a ConnectionError has the name that is equivalent",
      [...ONLINE, ended(1, NetworkError)],
      { connectionError: "im.telepathy1.Error.NetworkError", connectionErrorDetails: {} },
    ],
    [
      "a name in use says whether it was ours",
      [...ONLINE, ended(1, NameInUse)],
      { connectionError: "im.telepathy1.Error.ConnectionReplaced" },
    ],
    [
      "or another's all the time",
      [ENABLE, VALID, REQUEST, made(1), ended(1, NameInUse)],
      { connectionError: "im.telepathy1.Error.AlreadyConnected" },
    ],
    [
      "the next connection clears it",
      [...ONLINE, ended(1, NetworkError), { kind: "retryDue" }, made(2), connected(2)],
      { connectionError: "", connectionErrorDetails: {} },
    ],
    [
      "a wrong password",
      [...ONLINE, ended(1, AuthenticationFailed)],
      {
        connectionStatus: ConnectionStatus.Disconnected,
        connectionError: "im.telepathy1.Error.AuthenticationFailed",
        requestedPresence: AVAILABLE,
        changingPresence: false,
      },
    ],
    [
      "a connection that somebody ended",
      [...ONLINE, ended(1, Requested)],
      { requestedPresence: OFFLINE, connectionError: "" },
    ],
  ])("%s", (_, events, properties) => {
    expect(viewOf(run(...events).state)).toMatchObject(properties);
  });
});

test("whatever happens, an account has at most one connection, and none when nobody wants it", () => {
  const event = fc.oneof(
    fc.constantFrom<AccountEvent[]>(
      ENABLE,
      VALID,
      REQUEST,
      LEAVE,
      { kind: "retryDue" },
      { kind: "reconnectWanted" },
      { kind: "channelRequested" },
    ),
    fc.boolean().map((enabled): AccountEvent => ({ kind: "edited", changes: { enabled } })),
    fc.boolean().map((valid): AccountEvent => ({ kind: "validated", valid })),
    fc
      .nat(6)
      .chain((attempt) =>
        fc.constantFrom<AccountEvent[]>(
          made(attempt),
          left(attempt),
          connected(attempt),
          ended(attempt, NetworkError),
          ended(attempt, AuthenticationFailed),
          ended(attempt, Requested),
        ),
      ),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const alive = new Set<number>();
      let state = initialState(newSettings("", new Map(), new Map()));
      for (const one of events) {
        // Only what was asked for can be made, and only once.
        if (one.kind === "made" && (!alive.has(one.attempt) || state.link.phase !== "requesting")) continue;
        // What has left the bus is no connection any more.
        if (one.kind === "left") alive.delete(one.attempt);
        const next = step(state, one);
        state = next.state;
        for (const effect of next.effects) if (effect.kind === "request") alive.add(effect.attempt);
        if (state.link.phase === "none" || state.link.phase === "waiting") alive.clear();
        expect(alive.size).toBeLessThanOrEqual(1);
        if (state.link.phase === "open") expect(wantsOnline(state)).toBe(true);
        if (state.link.phase === "none") expect(wantsOnline(state)).toBe(false);
        if (state.link.phase === "waiting") expect(wantsOnline(state)).toBe(true);
        // What could still be there is noted, so that it can be ended.
        if (viewOf(state).connection !== "/") expect(state.settings.connection).toBe(viewOf(state).connection);
      }
    }),
  );
});

test.each([
  [1, 0, 1_500],
  [1, 1, 3_000],
  [2, 1, 6_000],
  [8, 1, 300_000],
  [1_000, 1, 300_000],
])("after %i failures it waits, with luck %i, %i ms", (failures, random, delay) => {
  expect(retryDelay(failures, {}, random)).toBe(delay);
});

describe("parameters", () => {
  const spec = (name: string, signature: string, flags: number): ParamSpec => ({
    name,
    signature,
    flags,
    defaultValue: new Variant("s", ""),
  });
  const { Required, Register, Secret } = ConnMgrParamFlags;
  const SPECS = [
    spec("account", "s", Required),
    spec("password", "s", Secret | Register),
    spec("port", "q", 0),
    spec("register", "b", 0),
  ];
  const account = ["account", new Variant("s", "bob")] as const;
  const none = { parameters: new Map(), secrets: new Map() };

  test("secrets are kept apart, integers fit any type that holds them", () => {
    const given = new Map<string, Variant>([
      account,
      ["password", new Variant("s", "x")],
      ["port", new Variant("u", 6697)],
    ]);
    expect(updateParameters(SPECS, none, given)).toEqual({
      parameters: new Map<string, Variant>([account, ["port", new Variant("q", 6697)]]),
      secrets: new Map([["password", new Variant("s", "x")]]),
      changed: ["account", "password", "port"],
    });
  });

  test("what is unset goes, what stays the same has not changed", () => {
    const current = {
      parameters: new Map<string, Variant>([account, ["port", new Variant("q", 1)]]),
      secrets: new Map(),
    };
    expect(updateParameters(SPECS, current, new Map([account]), ["port", "nonsense"])).toEqual({
      parameters: new Map([account]),
      secrets: new Map(),
      changed: ["port"],
    });
  });

  test.each<[string, ReadonlyMap<string, Variant>]>([
    ["missing parameters: account", new Map()],
    ["missing parameters: password", new Map<string, Variant>([account, ["register", new Variant("b", true)]])],
    ["unknown parameter: colour", new Map<string, Variant>([account, ["colour", new Variant("s", "red")]])],
    ["parameter port takes type q, got s", new Map<string, Variant>([account, ["port", new Variant("s", "1")]])],
    ["parameter port takes type q, got i", new Map<string, Variant>([account, ["port", new Variant("i", -1)]])],
    ["parameter port takes type q, got u", new Map<string, Variant>([account, ["port", new Variant("u", 65_536)]])],
  ])("%s", (message, given) => {
    expect(() => updateParameters(SPECS, none, given)).toThrow(new InvalidArgumentError(message));
  });
});
