import { ConnectionPresenceType } from "@dbus-codegen-ts/stubs/generic-types";
import { ConnectionStatus, ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountProperties } from "../../../../runtime/telepathy/accounts/account-properties.ts";
import { newAccountSettings } from "../../../../runtime/telepathy/accounts/account-settings.ts";
import {
  type AccountEffect,
  type AccountEvent,
  type AccountState,
  initialState,
  shouldBeOnline,
  transition,
} from "../../../../runtime/telepathy/accounts/account-state-machine.ts";
import { AVAILABLE, OFFLINE, UNSET } from "../../../../runtime/telepathy/accounts/presence.ts";

const { NetworkError, AuthenticationFailed, NameInUse, Requested, NoneSpecified } = ConnectionStatusReason;
const FAILURE = { name: "im.telepathy1.Error.NetworkError", details: {} };
const GO_ONLINE: AccountEvent = { kind: "presenceRequested", presence: AVAILABLE };
const GO_OFFLINE: AccountEvent = { kind: "presenceRequested", presence: OFFLINE };
const ENABLE: AccountEvent = { kind: "settingsChanged", changes: { enabled: true } };
const VALID: AccountEvent = { kind: "validityChecked", isValid: true };
const AWAY = { type: ConnectionPresenceType.Away, status: "away", statusMessage: "at lunch" };
const RETRY: AccountEvent = { kind: "retryDue" };
const path = "/im/telepathy1/Connection/a/b/c";
const created = (attempt: number): AccountEvent => ({ kind: "connectionCreated", attempt, path });
const gone = (attempt: number): AccountEvent => ({ kind: "connectionGone", attempt });
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
  let state = initialState(newAccountSettings("Test", new Map(), new Map()));
  const effects: AccountEffect[] = [];
  for (const event of events) {
    const next = transition(state, event);
    state = next.state;
    effects.push(...next.effects.filter(({ kind }) => kind !== "saveSettings" && kind !== "setPresence"));
  }
  return { state, effects };
}

const ONLINE = [ENABLE, VALID, GO_ONLINE, created(1), connected(1)] as const;

test.each<[string, readonly AccountEvent[], readonly string[]]>([
  ["is set when the connection is connected", [...ONLINE], ["available"]],
  ["is set when it changes", [...ONLINE, { kind: "presenceRequested", presence: AWAY }], ["available", "away"]],
  [
    "is not set twice",
    [...ONLINE, GO_ONLINE, { kind: "settingsChanged", changes: { displayName: "x" } }],
    ["available"],
  ],
  ["is not set before the connection is connected", [ENABLE, VALID, GO_ONLINE, created(1)], []],
  ["Offline is not set, but disconnects", [...ONLINE, GO_OFFLINE], ["available"]],
  [
    "is set on the next connection",
    [...ONLINE, ended(1, NetworkError), RETRY, created(2), connected(2)],
    ["available", "available"],
  ],
])("the requested presence %s", (_, events, presences) => {
  let state = initialState(newAccountSettings("Test", new Map(), new Map()));
  const set: string[] = [];
  for (const event of events) {
    const next = transition(state, event);
    state = next.state;
    for (const effect of next.effects) if (effect.kind === "setPresence") set.push(effect.presence.status);
  }
  expect(set).toEqual(presences);
});

const nickname = (value: string): AccountEvent => ({ kind: "settingsChanged", changes: { nickname: value } });

test.each<[string, readonly AccountEvent[], readonly string[]]>([
  ["is set when the connection is connected", [nickname("Bob"), ...ONLINE], ["Bob"]],
  ["is set when it changes", [...ONLINE, nickname("Bob"), nickname("Bobby")], ["Bob", "Bobby"]],
  ["is not set twice", [nickname("Bob"), ...ONLINE, nickname("Bob"), GO_ONLINE], ["Bob"]],
  ["is not set before the connection is connected", [ENABLE, VALID, GO_ONLINE, nickname("Bob"), created(1)], []],
  ["is not set if it is empty", [...ONLINE, nickname("Bob"), nickname("")], ["Bob"]],
  [
    "is not set if it is the identifier of the user",
    [...ONLINE, { kind: "selfIdentified", attempt: 1, identifier: "bob" }, nickname("bob")],
    [],
  ],
  [
    "is set on the next connection",
    [nickname("Bob"), ...ONLINE, ended(1, NetworkError), RETRY, created(2), connected(2)],
    ["Bob", "Bob"],
  ],
])("the nickname %s", (_, events, aliases) => {
  const { effects } = run(...events);
  expect(effects.flatMap((effect) => (effect.kind === "setAlias" ? [effect.alias] : []))).toEqual(aliases);
});

test("the reported presence is the current one until the connection ends", () => {
  const reported: AccountEvent = { kind: "presenceReported", attempt: 1, presence: AWAY };
  expect(accountProperties(run(...ONLINE).state).currentPresence).toEqual(UNSET);
  expect(accountProperties(run(...ONLINE, reported).state).currentPresence).toEqual(AWAY);
  const replaced = [...ONLINE, reported, ended(1, NetworkError), RETRY, created(2), connected(2), reported];
  expect(accountProperties(run(...replaced.slice(0, 7)).state).currentPresence).toEqual(OFFLINE);
  expect(accountProperties(run(...replaced).state).currentPresence).toEqual(UNSET);
});

test("an account that goes offline while it waits to retry is disconnected", () => {
  const { state } = run(...ONLINE, ended(1, NetworkError), GO_OFFLINE);
  expect([state.connection.phase, state.status]).toEqual(["none", ConnectionStatus.Disconnected]);
});

describe("effects of events", () => {
  test.each<[string, readonly AccountEvent[], readonly AccountEffect[]]>([
    ["a disabled account stays offline", [VALID, GO_ONLINE], []],
    ["an invalid account stays offline", [ENABLE, GO_ONLINE], []],
    [
      "an enabled, valid account whose presence is requested connects",
      [ENABLE, VALID, GO_ONLINE],
      [{ kind: "requestConnection", attempt: 1 }],
    ],
    [
      "the order of these conditions does not matter",
      [GO_ONLINE, VALID, ENABLE],
      [{ kind: "requestConnection", attempt: 1 }],
    ],
    [
      "the presence Offline disconnects",
      [...ONLINE, GO_OFFLINE],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
      ],
    ],
    [
      "disabling disconnects",
      [...ONLINE, { kind: "settingsChanged", changes: { enabled: false } }],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
      ],
    ],
    [
      "a connection that is no longer needed when it is created is disconnected",
      [ENABLE, VALID, GO_ONLINE, GO_OFFLINE, created(1)],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
      ],
    ],
    [
      "an online presence while disconnecting takes effect when the connection is gone",
      [...ONLINE, GO_OFFLINE, GO_ONLINE, gone(1)],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
        { kind: "requestConnection", attempt: 2 },
      ],
    ],
    [
      "a reconnection disconnects and connects",
      [...ONLINE, { kind: "reconnectRequested" }, gone(1)],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
        { kind: "requestConnection", attempt: 2 },
      ],
    ],
    ["a reconnection of an offline account does nothing", [ENABLE, VALID, { kind: "reconnectRequested" }], []],
    [
      "a network error schedules a retry",
      [...ONLINE, ended(1, NetworkError), { kind: "retryDue" }],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "scheduleRetry", failures: 1 },
        { kind: "cancelRetry" },
        { kind: "requestConnection", attempt: 2 },
      ],
    ],
    [
      "after a connection loss, a name that is in use is retried, because the server may not have noticed the loss",
      [...ONLINE, ended(1, NetworkError), RETRY, created(2), ended(2, NameInUse), RETRY, created(3)],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "scheduleRetry", failures: 1 },
        { kind: "cancelRetry" },
        { kind: "requestConnection", attempt: 2 },
        { kind: "scheduleRetry", failures: 2 },
        { kind: "cancelRetry" },
        { kind: "requestConnection", attempt: 3 },
      ],
    ],
    [
      "a name that is in use is not retried after the account was offline in between",
      [...ONLINE, ended(1, NetworkError), GO_OFFLINE, GO_ONLINE, created(2), ended(2, NameInUse)],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "scheduleRetry", failures: 1 },
        { kind: "cancelRetry" },
        { kind: "requestConnection", attempt: 2 },
      ],
    ],
    [
      "a connection that another client replaced is not retried",
      [...ONLINE, ended(1, NameInUse)],
      [{ kind: "requestConnection", attempt: 1 }],
    ],
    [
      "the presence Offline cancels the retry",
      [...ONLINE, ended(1, NetworkError), GO_OFFLINE, { kind: "retryDue" }],
      [{ kind: "requestConnection", attempt: 1 }, { kind: "scheduleRetry", failures: 1 }, { kind: "cancelRetry" }],
    ],
    [
      "a crash of the connection manager schedules a retry",
      [...ONLINE, { kind: "connectionFailed", attempt: 1, reason: NoneSpecified, failure: FAILURE }],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "scheduleRetry", failures: 1 },
      ],
    ],
    [
      "a wrong password does not schedule a retry",
      [...ONLINE, ended(1, AuthenticationFailed)],
      [{ kind: "requestConnection", attempt: 1 }],
    ],
    [
      "a presence request after a wrong password connects",
      [...ONLINE, ended(1, AuthenticationFailed), GO_ONLINE],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "requestConnection", attempt: 2 },
      ],
    ],
    [
      "a changed password connects",
      [...ONLINE, ended(1, AuthenticationFailed), { kind: "settingsChanged", changes: { secrets: new Map() } }],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "requestConnection", attempt: 2 },
      ],
    ],
    [
      "a connection that a client disconnected is not retried",
      [...ONLINE, ended(1, Requested)],
      [{ kind: "requestConnection", attempt: 1 }],
    ],
    [
      "a channel request connects",
      [ENABLE, VALID, { kind: "channelRequested" }],
      [{ kind: "requestConnection", attempt: 1 }],
    ],
    ["a channel request does not connect a disabled account", [VALID, { kind: "channelRequested" }], []],
    [
      "an account with ConnectAutomatically connects when it becomes valid",
      [ENABLE, { kind: "settingsChanged", changes: { connectAutomatically: true } }, VALID],
      [{ kind: "requestConnection", attempt: 1 }],
    ],
    [
      "an account with ConnectAutomatically connects when it is enabled",
      [{ kind: "settingsChanged", changes: { connectAutomatically: true } }, VALID, ENABLE],
      [{ kind: "requestConnection", attempt: 1 }],
    ],
    [
      "setting ConnectAutomatically connects",
      [ENABLE, VALID, { kind: "settingsChanged", changes: { connectAutomatically: true } }],
      [{ kind: "requestConnection", attempt: 1 }],
    ],
    [
      "enabling connects after a wrong password, changing the display name does not",
      [
        ...ONLINE,
        ended(1, AuthenticationFailed),
        { kind: "settingsChanged", changes: { displayName: "Mine" } },
        { kind: "settingsChanged", changes: { enabled: true } },
      ],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "requestConnection", attempt: 2 },
      ],
    ],
    [
      "events of an earlier connection are ignored",
      [...ONLINE, GO_OFFLINE, gone(1), GO_ONLINE, created(2), ended(1, NetworkError)],
      [
        { kind: "requestConnection", attempt: 1 },
        { kind: "disconnect", attempt: 1 },
        { kind: "requestConnection", attempt: 2 },
      ],
    ],
  ])("%s", (_, events, effects) => {
    expect(run(...events).effects).toEqual(effects);
  });
});

describe("D-Bus properties", () => {
  test.each<[string, readonly AccountEvent[], object]>([
    [
      "while connecting",
      [ENABLE, VALID, GO_ONLINE],
      {
        connectionStatus: ConnectionStatus.Connecting,
        connection: "/",
        changingPresence: true,
        requestedPresence: AVAILABLE,
      },
    ],
    [
      "when connected",
      ONLINE,
      { connectionStatus: ConnectionStatus.Connected, connection: path, changingPresence: false, hasBeenOnline: true },
    ],
    ["of a connection without presence", ONLINE, { currentPresence: { type: 0, status: "", statusMessage: "" } }],
    [
      "while disconnecting",
      [...ONLINE, GO_OFFLINE],
      { connectionStatus: ConnectionStatus.Connected, connection: path, changingPresence: true },
    ],
    [
      "when disconnected",
      [...ONLINE, GO_OFFLINE, gone(1)],
      {
        connectionStatus: ConnectionStatus.Disconnected,
        connection: "/",
        changingPresence: false,
        currentPresence: OFFLINE,
      },
    ],
    [
      "while waiting to retry, the status is Connecting and ChangingPresence is false",
      [...ONLINE, ended(1, NetworkError)],
      { connectionStatus: ConnectionStatus.Connecting, connectionStatusReason: NetworkError, changingPresence: false },
    ],
    [
      "without ConnectionError, the error equivalent to the reason is shown",
      [...ONLINE, ended(1, NetworkError)],
      { connectionError: "im.telepathy1.Error.NetworkError", connectionErrorDetails: {} },
    ],
    [
      "NameInUse after being connected is ConnectionReplaced",
      [...ONLINE, ended(1, NameInUse)],
      { connectionError: "im.telepathy1.Error.ConnectionReplaced" },
    ],
    [
      "NameInUse while connecting is AlreadyConnected",
      [ENABLE, VALID, GO_ONLINE, created(1), ended(1, NameInUse)],
      { connectionError: "im.telepathy1.Error.AlreadyConnected" },
    ],
    [
      "the next connection clears the error",
      [...ONLINE, ended(1, NetworkError), { kind: "retryDue" }, created(2), connected(2)],
      { connectionError: "", connectionErrorDetails: {} },
    ],
    [
      "after a wrong password",
      [...ONLINE, ended(1, AuthenticationFailed)],
      {
        connectionStatus: ConnectionStatus.Disconnected,
        connectionError: "im.telepathy1.Error.AuthenticationFailed",
        requestedPresence: AVAILABLE,
        changingPresence: false,
      },
    ],
    [
      "after a client disconnected the connection",
      [...ONLINE, ended(1, Requested)],
      { requestedPresence: OFFLINE, connectionError: "" },
    ],
  ])("%s", (_, events, properties) => {
    expect(accountProperties(run(...events).state)).toMatchObject(properties);
  });
});

test("an account has at most one connection for any sequence of events, and none if it should be offline", () => {
  const event = fc.oneof(
    fc.constantFrom<AccountEvent[]>(
      ENABLE,
      VALID,
      GO_ONLINE,
      GO_OFFLINE,
      { kind: "retryDue" },
      { kind: "reconnectRequested" },
      { kind: "channelRequested" },
    ),
    fc.boolean().map((enabled): AccountEvent => ({ kind: "settingsChanged", changes: { enabled } })),
    fc.boolean().map((isValid): AccountEvent => ({ kind: "validityChecked", isValid })),
    fc
      .nat(6)
      .chain((attempt) =>
        fc.constantFrom<AccountEvent[]>(
          created(attempt),
          gone(attempt),
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
      let state = initialState(newAccountSettings("", new Map(), new Map()));
      for (const accountEvent of events) {
        // A connection can be created only once, and only after its request.
        if (
          accountEvent.kind === "connectionCreated" &&
          (!alive.has(accountEvent.attempt) || state.connection.phase !== "requesting")
        ) {
          continue;
        }
        // A connection that has left the bus no longer exists.
        if (accountEvent.kind === "connectionGone") alive.delete(accountEvent.attempt);
        const next = transition(state, accountEvent);
        state = next.state;
        for (const effect of next.effects) if (effect.kind === "requestConnection") alive.add(effect.attempt);
        if (state.connection.phase === "none" || state.connection.phase === "waitingToRetry") alive.clear();
        expect(alive.size).toBeLessThanOrEqual(1);
        if (state.connection.phase === "open") expect(shouldBeOnline(state)).toBe(true);
        if (state.connection.phase === "none") expect(shouldBeOnline(state)).toBe(false);
        if (state.connection.phase === "waitingToRetry") expect(shouldBeOnline(state)).toBe(true);
        // The path of a connection that may exist is stored, so that it can be disconnected after a crash.
        if (accountProperties(state).connection !== "/")
          expect(state.settings.connection).toBe(accountProperties(state).connection);
      }
    }),
  );
});
