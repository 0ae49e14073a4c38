import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType } from "@dbus-codegen-ts/stubs/generic-types";
import { AccountClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { AccountManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import { ConnectionStatus, ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import {
  FileStore,
  type ServedAccountManager,
  serveAccountManager,
  serveConnectionManager,
} from "@dbus-codegen-ts/telepathy";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SecretService } from "../../../../runtime/telepathy/secrets/secret-service.ts";
import { monitorBus } from "../../../setup/bus-monitor.ts";
import { containsText } from "../../../setup/contains-text.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { eventually } from "../eventually.ts";
import { TestSecretService } from "../secrets/test-secret-service.ts";
import { ScriptedProtocol } from "./scripted-protocol.ts";

const MANAGER = { destination: "im.telepathy1.AccountManager", path: "/im/telepathy1/AccountManager" };
const AVAILABLE = { type: ConnectionPresenceType.Available, status: "available", statusMessage: "" };
const SIGNAL = 4;

let daemon: PrivateBus;
let folder: string;
let protocol: ScriptedProtocol;
let service: TestSecretService;
let accountsBus: Bus;
let client: Bus;
let problems: unknown[];
let stop: () => Promise<unknown>;

beforeEach(async () => {
  daemon = await startPrivateBus();
  folder = await mkdtemp(join(tmpdir(), "locked-accounts-"));
  service = await TestSecretService.start(await connect({ bus: daemon.address }));
  protocol = new ScriptedProtocol();
  problems = [];
  const connections = await connect({ bus: daemon.address });
  await serveConnectionManager(connections, { name: "scripted", protocols: [protocol] });
  accountsBus = await connect({ bus: daemon.address });
  client = await connect({ bus: daemon.address });
  stop = () => Promise.all([connections, accountsBus, client, service.bus].map((bus) => bus.close()));
});
afterEach(async () => {
  await stop();
  await daemon.stop();
  await rm(folder, { recursive: true });
});

function startAccounts(): Promise<ServedAccountManager> {
  const onSecretsProblem = (problem: string): void => void problems.push(problem);
  const store = new FileStore({ folder, secretService: new SecretService(accountsBus), onSecretsProblem });
  return serveAccountManager(accountsBus, { store, onStoreError: (error) => problems.push(error) });
}

async function createAccount(): Promise<AccountClient> {
  const manager = new AccountManagerClient(client, MANAGER);
  const parameters = { account: "Bob", password: "geheim" };
  const path = await manager.createAccount("scripted", "local-test", "Bob", parameters, { enabled: true });
  return new AccountClient(client, { ...MANAGER, path });
}

const passwordsInUse = (): unknown[] => protocol.opened.map(({ parameters }) => parameters.getString("password"));

test("an account whose secrets are locked asks the user to unlock them when it connects", async () => {
  const first = await startAccounts();
  const account = await createAccount();
  expect(service.texts).toEqual(["geheim"]);
  await first.close();
  service.setLocked(true);
  await using _ = await startAccounts();
  expect(await account.properties.valid.get()).toBe(true);
  expect(await account.properties.parameters.get()).toEqual({ account: "Bob" });
  await account.properties.requestedPresence.set(AVAILABLE);
  await eventually(() => expect(passwordsInUse()).toEqual(["geheim"]));
  expect(await account.properties.parameters.get()).toEqual({ account: "Bob", password: "geheim" });
  expect(service.calls.filter((call) => call.startsWith("Prompt"))).toEqual(["Prompt accept"]);
});

test("an account whose secrets stay locked does not connect, works otherwise, and connects when they are unlocked", async () => {
  const first = await startAccounts();
  const account = await createAccount();
  await first.close();
  service.setLocked(true);
  service.behavior.answer = "dismiss";
  await using _ = await startAccounts();
  await account.properties.requestedPresence.set(AVAILABLE);
  await eventually(async () =>
    expect(await account.properties.connectionError.get()).toBe(NotAvailableError.errorName),
  );
  expect(await account.properties.connectionErrorDetails.get()).toEqual({
    debugMessage: "the secrets of the account cannot be read: the user did not unlock the Secret Service",
  });
  expect(await account.properties.connectionStatusReason.get()).toBe(ConnectionStatusReason.AuthenticationFailed);
  await account.properties.displayName.set("Robert");
  await account.updateParameters({ port: 7000 }, []);
  expect(passwordsInUse()).toEqual([]);
  service.setLocked(false);
  await eventually(() => expect(passwordsInUse()).toEqual(["geheim"]));
  await eventually(async () =>
    expect(await account.properties.connectionStatus.get()).toBe(ConnectionStatus.Connected),
  );
  expect(service.texts).toEqual(["geheim"]);
});

test("a password is in no signal, no problem and no message to the Secret Service", async () => {
  await using monitor = await monitorBus(daemon.address);
  await using _ = await startAccounts();
  const account = await createAccount();
  await account.updateParameters({ password: "neu-geheim" }, []);
  await account.properties.requestedPresence.set(AVAILABLE);
  await eventually(() => expect(passwordsInUse()).toEqual(["neu-geheim"]));
  expect(service.texts).toEqual(["neu-geheim"]);
  const secret = monitor.messages.filter(({ body }) => containsText(body, "geheim"));
  expect(new Set(secret.map(({ member }) => member))).toEqual(
    new Set(["CreateAccount", "UpdateParameters", "RequestConnection"]),
  );
  expect(monitor.messages.some(({ type }) => type === SIGNAL)).toBe(true);
  expect(problems).toEqual([]);
});
