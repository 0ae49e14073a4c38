import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  type Bus,
  connect,
  connectPeer,
  DBusError,
  listen,
  PEER,
  serveRegistered,
  Variant,
} from "../../../runtime/core/index.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import { Vault } from "./fixtures/vault.ts";

const NAME = "org.example.Registrar1";
const VAULT = "org.example.Vault1";

test("an object is registered with each owner of the name, and unregistered with the last", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address });
  const events: string[] = [];
  const ownership = async (): Promise<AsyncDisposable> => {
    const service = await connect({ bus: daemon.address });
    await service.requestName(NAME);
    return service;
  };
  const first = await ownership();
  const registration = await serveRegistered(bus, "/agent", new Vault(), {
    name: NAME,
    register: async () => events.push("register"),
    unregister: async () => events.push("unregister"),
    onOwner: (owner) => events.push(owner === undefined ? "gone" : "owner"),
  });
  expect(events).toEqual(["owner", "register"]);
  await first[Symbol.asyncDispose]();
  await expect.poll(() => events).toEqual(["owner", "register", "gone"]);
  await using _second = await ownership();
  await expect.poll(() => events.slice(3)).toEqual(["owner", "register"]);
  await registration[Symbol.asyncDispose]();
  expect(events.slice(5)).toEqual(["gone", "unregister"]);
  const call = { destination: bus.uniqueName, path: "/agent", interface: "org.example.Vault1", member: "Look" };
  await expect(bus.call(call)).rejects.toThrow("there is no object");
});

test("a service that refuses after its restart, because it is not ready, is called repeatedly", async () => {
  await using daemon = await startPrivateBus();
  const errors: unknown[] = [];
  await using bus = await connect({ bus: daemon.address, onError: (error) => void errors.push(error) });
  const calls: string[] = [];
  let isReady = true;
  await using _ = await serveRegistered(bus, "/agent", new Vault(), {
    name: NAME,
    async register() {
      calls.push(isReady ? "registered" : "refused");
      if (!isReady) throw new DBusError("org.freedesktop.DBus.Error.UnknownObject", "not yet");
    },
    onOwner: (owner) => void calls.push(owner === undefined ? "gone" : "owner"),
  });
  isReady = false;
  const first = await connect({ bus: daemon.address });
  await first.requestName(NAME);
  await expect.poll(() => calls.filter((call) => call === "refused").length).toBe(2);
  // The attempts to register end when the owner of the name leaves the bus.
  await first.close();
  await expect.poll(() => calls.at(-1)).toBe("gone");
  await using second = await connect({ bus: daemon.address });
  await second.requestName(NAME);
  await expect.poll(() => calls.slice(-2)).toEqual(["owner", "refused"]);
  isReady = true;
  await expect.poll(() => calls.at(-1)).toBe("registered");
  expect(calls.filter((call) => call === "registered").length).toBe(2);
  expect(errors).toEqual([]);
});

test("an object that is refused is not served, and a service that does not run is not called at the end", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address });
  const refused = serveRegistered(bus, "/agent", new Vault(), {
    name: NAME,
    register: () => Promise.reject(new DBusError("org.example.Refused", "no")),
  });
  await expect(refused).rejects.toThrow("no");
  let unregistered = 0;
  const registration = await serveRegistered(bus, "/agent", new Vault(), {
    name: NAME,
    register: async () => undefined,
    unregister: async () => unregistered++,
  });
  await registration[Symbol.asyncDispose]();
  expect(unregistered).toBe(0);
});

test("only the owner of the name calls methods and sets properties; others read properties", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address });
  await using stranger = await connect({ bus: daemon.address });
  const calls = (caller: Bus) => {
    const call = { destination: bus.uniqueName, path: "/agent" };
    const properties = { ...call, interface: "org.freedesktop.DBus.Properties" };
    return Promise.all([
      outcome(caller.call({ ...call, interface: VAULT, member: "Look" })),
      outcome(caller.call({ ...call, interface: VAULT, member: "Open", signature: "s", args: ["key"] })),
      outcome(caller.call({ ...properties, member: "Get", signature: "ss", args: [VAULT, "Label"] })),
      outcome(
        caller.call({
          ...properties,
          member: "Set",
          signature: "ssv",
          args: [VAULT, "Label", new Variant("s", "box")],
        }),
      ),
    ]);
  };
  const [allowed, refused] = ["allowed", "AccessDenied"];
  // The method Open is privileged, so the service itself refuses the call.
  const accepted = [allowed, refused, allowed, allowed];
  const readable = [refused, refused, allowed, refused];
  const registered: string[][] = [];
  await using _ = await serveRegistered(bus, "/agent", new Vault(), {
    name: NAME,
    register: async () => registered.push(await calls(stranger)),
  });
  expect(registered).toEqual([readable]);
  const service = await connect({ bus: daemon.address });
  await service.requestName(NAME);
  await expect.poll(() => registered.length).toBe(2);
  expect(await calls(service)).toEqual(accepted);
  expect(await calls(stranger)).toEqual(readable);
  await service.releaseName(NAME);
  expect(await calls(service)).toEqual(readable);
  await service.close();
});

test("on a connection without a bus, the other end is the owner", async () => {
  const folder = await mkdtemp(join(tmpdir(), "peer-"));
  try {
    let registration: Promise<AsyncDisposable> | undefined;
    await using server = await listen(`unix:path=${join(folder, "socket")}`, (peer) => {
      registration = serveRegistered(peer, "/agent", new Vault(), { name: PEER, register: async () => undefined });
    });
    await using peer = await connectPeer(server.address);
    await expect.poll(() => registration).toBeDefined();
    await registration;
    expect(await peer.call({ destination: PEER, path: "/agent", interface: VAULT, member: "Look" })).toEqual(["look"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "allowed",
    (error) =>
      error instanceof DBusError ? error.errorName.replace("org.freedesktop.DBus.Error.", "") : String(error),
  );
}
