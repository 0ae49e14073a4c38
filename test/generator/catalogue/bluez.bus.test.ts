import { connect, DBusError } from "@dbus-codegen-ts/runtime";
import { testBus } from "dbus-codegen-ts/testing";
import { expect, test } from "vitest";
import { Agent1Client } from "../../../generator/catalogue/bluez/generated/org.bluez.Agent1.ts";
import {
  AgentCapability,
  AgentManager1,
} from "../../../generator/catalogue/bluez/generated/org.bluez.AgentManager1.ts";
import { AgentSkeleton, BLUEZ, registerAgent } from "../../../generator/catalogue/bluez/index.ts";

class Agent extends AgentSkeleton {
  override requestConfirmation(_device: string, passkey: number) {
    if (passkey !== 123456) throw new DBusError("org.bluez.Error.Rejected", "another number");
  }
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
    const refusal = { errorName: "org.bluez.Error.Rejected" };
    const device = "/org/bluez/hci0/dev_1";
    await expect(agent.requestPinCode(device)).rejects.toMatchObject(refusal);
    await expect(agent.displayPinCode(device, "1234")).rejects.toMatchObject(refusal);
    await expect(agent.requestPasskey(device)).rejects.toMatchObject(refusal);
    await expect(agent.displayPasskey(device, 1, 0)).rejects.toMatchObject(refusal);
    await expect(agent.requestAuthorization(device)).rejects.toMatchObject(refusal);
    await expect(agent.authorizeService(device, "")).rejects.toMatchObject(refusal);
    await agent.cancel();
    await agent.release();
  }
  await expect(agent.release()).rejects.toThrow();
  expect(calls).toEqual([
    ["register", "/org/bluez/agent", "DisplayYesNo"],
    ["default", "/org/bluez/agent"],
    ["unregister", "/org/bluez/agent"],
  ]);
});
