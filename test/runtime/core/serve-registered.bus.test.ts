import { expect, test } from "vitest";
import { connect, DBusError, serveRegistered } from "../../../runtime/core/index.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import { Vault } from "./fixtures/vault.ts";

const NAME = "org.example.Registrar1";

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
