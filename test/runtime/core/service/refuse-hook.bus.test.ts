import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bus, connect, DBusError, type RefusedCall } from "../../../../runtime/core/index.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { ErrorLog } from "../fixtures/services.ts";
import { Vault } from "../fixtures/vault.ts";

const PATH = "/org/example/vault";
const VAULT = "org.example.Vault1";

let daemon: PrivateBus;
let bus: Bus;
let raw: RawPeer;
let log: ErrorLog;
let refused: RefusedCall[];
let refuse: (call: RefusedCall, error: DBusError) => unknown;

beforeEach(async () => {
  daemon = await startPrivateBus();
  log = new ErrorLog();
  refused = [];
  refuse = ({ member, signature, interface: on }) =>
    new DBusError("org.example.Error.NoMethod", `Method "${member}" with signature "${signature}" on "${on}"`);
  bus = await connect({
    bus: daemon.address,
    onError: log.hook,
    refuse: (call, error) => {
      const { sender, path, interface: on, member, signature } = call;
      refused.push({ sender, path, member, signature, ...(on !== undefined && { interface: on }) });
      return refuse(call, error) as DBusError;
    },
  });
  await bus.serve(PATH, new Vault());
  raw = await RawPeer.connect(daemon.address);
});

afterEach(async () => {
  await raw?.[Symbol.asyncDispose]();
  await bus?.close();
  await daemon?.stop();
});

async function replies(header: object, signature = "", values: readonly unknown[] = []): Promise<readonly unknown[]> {
  const call = { destination: bus.uniqueName, path: PATH, interface: VAULT, member: "Look", ...header };
  return (await raw.exchange(call, signature, values)).map(described);
}

test("the hook chooses the error for an unknown object, interface, method or signature", async () => {
  const name = "org.example.Error.NoMethod";
  expect(await replies({ path: "/nowhere" })).toEqual([`${name}: Method "Look" with signature "" on "${VAULT}"`]);
  expect(await replies({ interface: "a.b" })).toEqual([`${name}: Method "Look" with signature "" on "a.b"`]);
  expect(await replies({ member: "Burn", interface: undefined }, "us", [1, "x"])).toEqual([
    `${name}: Method "Burn" with signature "us" on "undefined"`,
  ]);
  expect(await replies({ member: "Open" }, "u", [1])).toEqual([
    `${name}: Method "Open" with signature "u" on "${VAULT}"`,
  ]);
  const sender = raw.uniqueName;
  expect(refused).toEqual([
    { sender, path: "/nowhere", interface: VAULT, member: "Look", signature: "" },
    { sender, path: PATH, interface: "a.b", member: "Look", signature: "" },
    { sender, path: PATH, member: "Burn", signature: "us" },
    { sender, path: PATH, interface: VAULT, member: "Open", signature: "u" },
  ]);
});

test("the hook is not called for replies of handlers and for calls that request no reply", async () => {
  expect(await replies({})).toEqual([["look"]]);
  expect(await replies({ interface: "org.freedesktop.DBus.Properties", member: "GetAll" }, "s", ["a.b"])).toEqual([
    `UnknownInterface: ${PATH} has no interface "a.b"`,
  ]);
  expect(await replies({ member: "Burn", flags: 1 })).toEqual([]);
  expect(refused).toEqual([]);
});

test("a hook that returns the standard error, throws, or returns no valid error leads to the standard error", async () => {
  const bug = new Error("secret");
  const hooks: readonly (typeof refuse)[] = [
    (_, error) => error,
    () => {
      throw bug;
    },
    () => "no error",
    () => new DBusError("no name", "secret"),
  ];
  for (const hook of hooks) {
    refuse = hook;
    expect(await replies({ member: "Burn" })).toEqual([`UnknownMethod: ${VAULT} has no method Burn`]);
  }
  const origin = { kind: "refusal", sender: raw.uniqueName, path: PATH, interface: VAULT, member: "Burn" };
  expect(log.entries).toEqual([
    { error: bug, origin },
    { error: expect.any(TypeError), origin },
    { error: expect.any(TypeError), origin },
  ]);
});
