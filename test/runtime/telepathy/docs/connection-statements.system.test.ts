import type { DBusErrorClass, Target } from "@dbus-codegen-ts/runtime";
import type { ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import * as errors from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Script, ScriptedProtocol } from "../scripted-protocol.ts";
import { startTestManager, type TestSetup } from "../test-manager.ts";
import { type ForeignClient, ForeignClients, hasForeignClients } from "./foreign-clients.ts";

// Statements of the specification of connections, with clients by dbus-python. The table of all statements is
// runtime/telepathy/docs/statements.md.

const CONNECTION = "im.telepathy1.Connection";
const CONTACTS = `${CONNECTION}.Interface.Contacts`;
const LOCATION = `${CONNECTION}.Interface.Location1`;
const COUNT = `${CONNECTION}.Interface.MailNotification1/count`;
const [NONE, CONTACT, ROOM] = [0, 1, 2];
const [CONNECTED, CONNECTING, DISCONNECTED] = [0, 1, 2];
const [NONE_SPECIFIED, REQUESTED, NAME_IN_USE, CERT_HOSTNAME_MISMATCH] = [0, 1, 5, 10] as const;

describe.skipIf(!hasForeignClients)("a client by dbus-python", () => {
  let python: ForeignClients;
  let setup: TestSetup;
  let client: ForeignClient;
  let protocol: ScriptedProtocol;
  beforeAll(() => {
    python = new ForeignClients();
  });
  afterAll(() => python[Symbol.dispose]());
  beforeEach(async () => {
    protocol = new ScriptedProtocol();
    setup = await startTestManager([protocol]);
    client = await python.open(setup.daemon.address);
  });
  afterEach(async () => {
    await client.close();
    await setup[Symbol.asyncDispose]();
  });

  /** Requests a connection of a scripted protocol and records its signals. */
  async function request(script: Script = {}, account = "romeo@example.org", register = false): Promise<Target> {
    Object.assign(protocol.script, script);
    const parameters = { account: { type: "s", value: account }, register: { type: "b", value: register } };
    const manager = {
      destination: "im.telepathy1.ConnectionManager.test",
      path: "/im/telepathy1/ConnectionManager/test",
    };
    const method = "im.telepathy1.ConnectionManager.RequestConnection";
    const [destination, path] = (await client.call(manager, method, "sa{sv}", "scripted-one", parameters)) as string[];
    const target = { destination: destination ?? "", path: path ?? "/" };
    await client.watch(target);
    return target;
  }

  /** Requests a scripted connection and connects it. */
  async function connected(script: Script = {}): Promise<Target> {
    const target = await request({ connect: ({ host }) => host.connected("romeo@example.org"), ...script });
    await client.call(target, `${CONNECTION}.Connect`);
    await client.take(target);
    return target;
  }

  const requestHandles = (target: Target, type: number, ...identifiers: string[]): Promise<unknown> =>
    client.call(target, `${CONNECTION}.RequestHandles`, "uas", type, identifiers);
  const inspectHandles = (target: Target, type: number, ...handles: number[]): Promise<unknown> =>
    client.call(target, `${CONNECTION}.InspectHandles`, "uau", type, handles);
  const addInterest = (target: Target, tokens: readonly string[], by = client): Promise<unknown> =>
    by.call(target, `${CONNECTION}.AddClientInterest`, "as", tokens);
  const removeInterest = (target: Target, tokens: readonly string[], by = client): Promise<unknown> =>
    by.call(target, `${CONNECTION}.RemoveClientInterest`, "as", tokens);
  /** Returns the recorded calls of `startReporting` (`+`) and `stopReporting` (`-`). */
  const reporting = (): readonly string[] => protocol.last.log.filter((call) => /^[+-]/.test(call));

  test("reads the interface of a connection: exactly the methods, signals and properties with their types", async () => {
    const target = await request();
    const xml = String(await client.call(target, "org.freedesktop.DBus.Introspectable.Introspect"));
    expect(membersOf(xml, CONNECTION)).toEqual([
      "AddClientInterest(as)",
      "Connect()",
      "Disconnect()",
      "InspectHandles(u, au) → (as)",
      "RemoveClientInterest(as)",
      "RequestHandles(u, as) → (au)",
      "property Interfaces as read",
      "property Protocol s read",
      "property SelfHandle u read",
      "property Status u read",
      "signal ConnectionError(s, a{sv})",
      "signal SelfHandleChanged(u)",
      "signal StatusChanged(u, u)",
    ]);
  });

  test("derives the bus name from the path: manager, protocol with underscores, and an account unlike all others", async () => {
    const accounts = ["romeo@example.org", "Romeo@example.org", "romeo_40example.org", "7", "é"];
    const paths: string[] = [];
    for (const account of accounts) {
      const { destination, path } = await request({}, account);
      expect(path.replaceAll("/", ".").slice(1)).toBe(destination);
      expect(await client.hasOwner(destination)).toBe(true);
      paths.push(path);
    }
    for (const path of paths) expect(path).toMatch(/^\/im\/telepathy1\/Connection\/test\/scripted_one\/[A-Za-z_]\w*$/);
    expect(new Set(paths).size).toBe(accounts.length);
  });

  test("finds optional interfaces in Interfaces, which grows before the connection is connected and not later", async () => {
    const target = await request({
      connect: ({ host }) => host.connected("romeo@example.org"),
      attributes: {},
    });
    const before = (await client.get(target, `${CONNECTION}.Interfaces`)) as string[];
    expect(before).toContain(CONTACTS);
    await client.call(target, `${CONNECTION}.Connect`);
    expect((await client.take(target)).at(-1)).toEqual(["StatusChanged", CONNECTED, REQUESTED]);
    const after = (await client.get(target, `${CONNECTION}.Interfaces`)) as string[];
    expect(after).toEqual(expect.arrayContaining(before));
    await requestHandles(target, CONTACT, "juliet");
    expect(await client.get(target, `${CONNECTION}.Interfaces`)).toEqual(after);
  });

  test("compares contacts by handles: not zero, equal for equal contacts, immutable, separate for each type", async () => {
    const target = await connected();
    const [self, juliet, other, nurse] = (await requestHandles(
      target,
      CONTACT,
      ...["romeo@example.org", "juliet", "JULIET", "nurse"],
    )) as number[];
    expect(self).toBe(await client.get(target, `${CONNECTION}.SelfHandle`));
    expect([self, juliet, nurse].every((handle) => handle !== undefined && handle > 0)).toBe(true);
    expect(other).toBe(juliet);
    expect(new Set([self, juliet, nurse]).size).toBe(3);
    expect(await requestHandles(target, CONTACT, "nurse", "juliet")).toEqual([nurse, juliet]);
    const [room = 0] = (await requestHandles(target, ROOM, "juliet's balcony")) as number[];
    expect(await inspectHandles(target, ROOM, room)).toEqual(["juliet's balcony"]);
    expect(await inspectHandles(target, CONTACT, self ?? 0, juliet ?? 0)).toEqual(["romeo@example.org", "juliet"]);
  });

  test("calls Connect: the reply does not wait for the server, and further calls have no effect", async () => {
    const target = await request({ connect: () => undefined });
    expect(await client.get(target, `${CONNECTION}.Status`)).toBe(DISCONNECTED);
    await client.call(target, `${CONNECTION}.Connect`);
    await client.call(target, `${CONNECTION}.Connect`);
    expect(await client.take(target)).toEqual([["StatusChanged", CONNECTING, REQUESTED]]);
    protocol.last.host.connected("romeo@example.org");
    expect(await client.take(target)).toEqual([
      ["SelfHandleChanged", 1],
      ["StatusChanged", CONNECTED, REQUESTED],
    ]);
    await client.call(target, `${CONNECTION}.Connect`);
    expect(await client.take(target)).toEqual([]);
    expect(protocol.last.log.filter((call) => call === "connect")).toHaveLength(1);
    expect(await client.get(target, `${CONNECTION}.Status`)).toBe(CONNECTED);
  });

  test("calls Disconnect: the reason is Requested, without ConnectionError, and the connection is gone", async () => {
    const target = await connected();
    await client.call(target, `${CONNECTION}.Disconnect`);
    expect(await client.take(target)).toEqual([["StatusChanged", DISCONNECTED, REQUESTED]]);
    expect(await client.hasOwner(target.destination)).toBe(false);
  });

  test("gets the errors of handle methods: before the connection, and for what is invalid or not supported", async () => {
    const target = await request({ connect: ({ host }) => host.connected("romeo@example.org") });
    await expect(requestHandles(target, CONTACT, "juliet")).rejects.toThrow(errors.DisconnectedError.errorName);
    await expect(inspectHandles(target, CONTACT, 1)).rejects.toThrow(errors.DisconnectedError.errorName);
    await client.call(target, `${CONNECTION}.Connect`);
    await expect(requestHandles(target, CONTACT, "")).rejects.toThrow(errors.InvalidHandleError.errorName);
    await expect(requestHandles(target, 77, "juliet")).rejects.toThrow(errors.NotImplementedError.errorName);
    await expect(inspectHandles(target, CONTACT, 4711)).rejects.toThrow(errors.InvalidHandleError.errorName);
    await expect(inspectHandles(target, CONTACT, 0)).rejects.toThrow(errors.InvalidHandleError.errorName);
    await expect(inspectHandles(target, NONE, 1)).rejects.toThrow(errors.InvalidArgumentError.errorName);
  });

  test("adds interests: they are counted for each client, and the protocol reports while a client has one", async () => {
    const other = await python.open(setup.daemon.address);
    const target = await connected({ interests: [LOCATION, COUNT] });
    expect(reporting()).toEqual([]);
    await addInterest(target, [LOCATION]);
    await addInterest(target, [LOCATION]);
    await addInterest(target, [LOCATION], other);
    expect(reporting()).toEqual([`+${LOCATION}`]);
    await removeInterest(target, [LOCATION]);
    await removeInterest(target, [LOCATION], other);
    expect(reporting()).toEqual([`+${LOCATION}`]);
    await removeInterest(target, [LOCATION]);
    expect(reporting()).toEqual([`+${LOCATION}`, `-${LOCATION}`]);
    await other.close();
  });

  test("has an interest in a part of an interface, which is no interest in the interface", async () => {
    const target = await connected({ interests: [LOCATION, COUNT] });
    await addInterest(target, [COUNT]);
    expect(reporting()).toEqual([`+${COUNT}`]);
  });

  test("leaves the bus: all its interests end, also those that it has several times", async () => {
    const other = await python.open(setup.daemon.address);
    const target = await connected({ interests: [LOCATION, COUNT] });
    await addInterest(target, [LOCATION, LOCATION, COUNT], other);
    await addInterest(target, [COUNT]);
    await other.close();
    await expect.poll(reporting).toEqual([`+${LOCATION}`, `+${COUNT}`, `-${LOCATION}`]);
  });

  test("adds an interest before the connection is connected, which takes effect when it is", async () => {
    const target = await request({ interests: [LOCATION], connect: () => undefined });
    await addInterest(target, [LOCATION]);
    await client.call(target, `${CONNECTION}.Connect`);
    expect(reporting()).toEqual([]);
    protocol.last.host.connected("romeo@example.org");
    await client.take(target);
    expect(reporting()).toEqual([`+${LOCATION}`]);
  });

  test("adds an interest in an unsupported token, and removes one that it does not have, without error or effect", async () => {
    const target = await connected({ interests: [LOCATION] });
    await addInterest(target, ["org.example.Unknown", "", "x".repeat(10_000), LOCATION]);
    await removeInterest(target, ["org.example.Unknown", COUNT]);
    expect(reporting()).toEqual([`+${LOCATION}`]);
    await removeInterest(target, [LOCATION, LOCATION]);
    await removeInterest(target, [LOCATION]);
    expect(reporting()).toEqual([`+${LOCATION}`, `-${LOCATION}`]);
  });

  test("receives SelfHandleChanged when the user's identifier changes", async () => {
    const target = await connected();
    const before = await client.get(target, `${CONNECTION}.SelfHandle`);
    await protocol.last.host.selfIdentifierChanged("montague@example.org");
    const [change] = await client.take(target);
    const handle = await client.get(target, `${CONNECTION}.SelfHandle`);
    expect(change).toEqual(["SelfHandleChanged", handle]);
    expect(handle).not.toBe(before);
    expect(await inspectHandles(target, CONTACT, Number(handle))).toEqual(["montague@example.org"]);
  });

  test("receives ConnectionError with all details, and StatusChanged next; the connection is gone", async () => {
    const target = await connected();
    protocol.last.host.disconnected(CERT_HOSTNAME_MISMATCH, {
      name: errors.CertHostnameMismatchError.errorName,
      details: {
        debugMessage: "for developers",
        serverMessage: "coi",
        userRequested: false,
        expectedHostname: "irc.example.org",
        certificateHostname: "irc.example.com",
      },
    });
    expect(await client.take(target)).toEqual([
      [
        "ConnectionError",
        "im.telepathy1.Error.Cert.HostnameMismatch",
        {
          "debug-message": "for developers",
          "server-message": "coi",
          "user-requested": false,
          "expected-hostname": "irc.example.org",
          "certificate-hostname": "irc.example.com",
        },
      ],
      ["StatusChanged", DISCONNECTED, CERT_HOSTNAME_MISMATCH],
    ]);
    await expect(client.get(target, `${CONNECTION}.Status`)).rejects.toThrow();
    expect(await client.hasOwner(target.destination)).toBe(false);
  });

  test("receives a protocol-specific error in another namespace, with the reason None_Specified", async () => {
    const target = await connected();
    protocol.last.host.disconnected(NONE_SPECIFIED, { name: "org.example.Error.Eclipse", details: {} });
    const [error, status] = await client.take(target);
    expect(error?.slice(0, 2)).toEqual(["ConnectionError", "org.example.Error.Eclipse"]);
    expect(status).toEqual(["StatusChanged", DISCONNECTED, NONE_SPECIFIED]);
  });

  const reasons: readonly (readonly [reason: ConnectionStatusReason, equivalent: DBusErrorClass])[] = [
    [0, errors.DisconnectedError],
    [2, errors.NetworkError],
    [3, errors.AuthenticationFailedError],
    [4, errors.EncryptionError],
    [6, errors.CertNotProvidedError],
    [7, errors.CertUntrustedError],
    [8, errors.CertExpiredError],
    [9, errors.CertNotActivatedError],
    [10, errors.CertHostnameMismatchError],
    [11, errors.CertFingerprintMismatchError],
    [12, errors.CertSelfSignedError],
    [13, errors.CertInvalidError],
    [14, errors.CertRevokedError],
    [15, errors.CertInsecureError],
    [16, errors.CertLimitExceededError],
  ];

  test("sees a connection fail for each reason, with the equivalent error", async () => {
    for (const [reason, { errorName }] of reasons) {
      const target = await request({ connect: ({ host }) => host.disconnected(reason) });
      await client.call(target, `${CONNECTION}.Connect`);
      const [connecting, error, ended] = await client.take(target);
      expect(connecting).toEqual(["StatusChanged", CONNECTING, REQUESTED]);
      expect(error?.slice(0, 2)).toEqual(["ConnectionError", errorName]);
      expect(ended).toEqual(["StatusChanged", DISCONNECTED, reason]);
    }
  });

  test("sees more specific errors with the reasons Network_Error and Encryption_Error", async () => {
    for (const [reason, { errorName }] of [
      [2, errors.ConnectionRefusedError],
      [2, errors.ConnectionFailedError],
      [2, errors.ConnectionLostError],
      [4, errors.EncryptionNotAvailableError],
    ] as const) {
      const target = await connected();
      protocol.last.host.disconnected(reason, { name: errorName, details: {} });
      const [error, ended] = await client.take(target);
      expect(error?.slice(0, 2)).toEqual(["ConnectionError", errorName]);
      expect(ended).toEqual(["StatusChanged", DISCONNECTED, reason]);
    }
  });

  test("sees Name_In_Use as one of three errors: while registering, while connecting, and when connected", async () => {
    const fails: Script = { connect: ({ host }) => host.disconnected(NAME_IN_USE) };
    for (const [open, { errorName }] of [
      [() => request(fails, "romeo@example.org", true), errors.RegistrationExistsError],
      [() => request(fails), errors.AlreadyConnectedError],
    ] as const) {
      const target = await open();
      await client.call(target, `${CONNECTION}.Connect`);
      const [, error, ended] = await client.take(target);
      expect(error?.slice(0, 2)).toEqual(["ConnectionError", errorName]);
      expect(ended).toEqual(["StatusChanged", DISCONNECTED, NAME_IN_USE]);
    }
    const target = await connected();
    protocol.last.host.disconnected(NAME_IN_USE);
    const [error] = await client.take(target);
    expect(error?.slice(0, 2)).toEqual(["ConnectionError", errors.ConnectionReplacedError.errorName]);
  });

  test("reads Status before Connect, while connecting and when connected; after a failure, reading it fails", async () => {
    const target = await request({ connect: () => undefined });
    const status = (): Promise<unknown> => client.get(target, `${CONNECTION}.Status`);
    expect(await status()).toBe(DISCONNECTED);
    await client.call(target, `${CONNECTION}.Connect`);
    expect(await status()).toBe(CONNECTING);
    protocol.last.host.disconnected(2);
    await client.take(target);
    await expect(status()).rejects.toThrow();
  });

  test("reads contact-id of contacts, with other attributes or alone: what InspectHandles returns", async () => {
    const target = await connected();
    const handles = (await requestHandles(target, CONTACT, "Juliet", "nurse")) as number[];
    const attributes = await client.call(target, `${CONTACTS}.GetContactAttributes`, "auas", handles, []);
    const [juliet, nurse] = handles;
    expect(attributes).toEqual({
      [String(juliet)]: { [`${CONNECTION}/contact-id`]: "juliet" },
      [String(nurse)]: { [`${CONNECTION}/contact-id`]: "nurse" },
    });
    const requested = await client.call(target, `${CONTACTS}.GetContactAttributes`, "auas", handles, [CONNECTION]);
    expect(requested).toEqual(attributes);
    expect(await inspectHandles(target, CONTACT, ...handles)).toEqual(["juliet", "nurse"]);
  });
});

/** Returns the members of an interface in an introspection document, sorted. */
function membersOf(xml: string, name: string): readonly string[] {
  const body = xml.split(`<interface name="${name}">`)[1]?.split("</interface>")[0] ?? "";
  const members = [...body.matchAll(/<(method|signal|property) name="(\w+)"([^>]*?)(?:\/>|>(.*?)<\/\1>)/gs)];
  return members
    .map(([, kind = "", member = "", attributes = "", content = ""]) => {
      if (kind === "property")
        return `property ${member} ${attributeOf(attributes, "type")} ${attributeOf(attributes, "access")}`;
      const args = [...content.matchAll(/<arg ([^>]*?)\/?>/g)].map(([, arg = ""]) => arg);
      const isOut = (arg: string): boolean => kind === "method" && attributeOf(arg, "direction") === "out";
      const typesOf = (list: readonly string[]): string => list.map((arg) => attributeOf(arg, "type")).join(", ");
      const out = args.filter(isOut);
      const signature = `${member}(${typesOf(args.filter((arg) => !isOut(arg)))})`;
      return `${kind === "signal" ? "signal " : ""}${signature}${out.length > 0 ? ` → (${typesOf(out)})` : ""}`;
    })
    .sort((a, b) => (a < b ? -1 : 1));
}

function attributeOf(attributes: string, name: string): string {
  return new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
}
