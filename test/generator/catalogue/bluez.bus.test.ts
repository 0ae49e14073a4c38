import { connect, DBusError } from "@dbus-codegen-ts/runtime";
import { testBus } from "dbus-codegen-ts/testing";
import { expect, test } from "vitest";
import { Agent1Client, Agent1Service } from "../../../generator/catalogue/bluez/generated/org.bluez.Agent1.ts";
import {
  AgentCapability,
  AgentManager1,
} from "../../../generator/catalogue/bluez/generated/org.bluez.AgentManager1.ts";
import { BLUEZ, registerAgent } from "../../../generator/catalogue/bluez/index.ts";

class Agent extends Agent1Service {
  override release() {}
  override requestPinCode() {
    return "1234";
  }
  override displayPinCode() {}
  override requestPasskey() {
    return 7;
  }
  override displayPasskey() {}
  override requestConfirmation(_device: string, passkey: number) {
    if (passkey !== 123456) throw new DBusError("org.bluez.Error.Rejected", "another number");
  }
  override requestAuthorization() {}
  override authorizeService() {}
  override cancel() {}
}

test("an agent is served while it is registered, and answers the service", async () => {
  await using bus = await testBus();
  const calls: unknown[] = [];
  await bus.mock(BLUEZ.path, AgentManager1, {
    registerAgent: (path, capability) => void calls.push(["register", path, capability]),
    requestDefaultAgent: (path) => void calls.push(["default", path]),
    unregisterAgent: (path) => void calls.push(["unregister", path]),
  });
  await bus.services.requestName(BLUEZ.destination);
  await using program = await connect({ bus: bus.address });
  const options = { capability: AgentCapability.DisplayYesNo, isDefault: true };
  const agent = new Agent1Client(bus.services, { destination: program.uniqueName, path: "/org/bluez/agent" });
  {
    await using _ = await registerAgent(program, new Agent(), options);
    await agent.requestConfirmation("/org/bluez/hci0/dev_1", 123456);
    await expect(agent.requestConfirmation("/org/bluez/hci0/dev_1", 1)).rejects.toThrow("another number");
  }
  await expect(agent.release()).rejects.toThrow();
  expect(calls).toEqual([
    ["register", "/org/bluez/agent", "DisplayYesNo"],
    ["default", "/org/bluez/agent"],
    ["unregister", "/org/bluez/agent"],
  ]);
});
