import { connect } from "@dbus-codegen-ts/runtime";
import { type TestBus, testBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import { AgentManager } from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.AgentManager.ts";
import {
  Active,
  ActiveConnectionState,
  ActiveConnectionStateReason,
} from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.Connection.Active.ts";
import {
  Device,
  DeviceState,
  DeviceStateReason,
} from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.Device.ts";
import { UserCanceledError } from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.SecretAgent.errors.ts";
import { SecretAgentClient } from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.SecretAgent.ts";
import {
  NetworkManager,
  NetworkManagerClient,
} from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.ts";
import {
  activate,
  NETWORK_MANAGER,
  registerSecretAgent,
  SecretAgentSkeleton,
  type SecretRequest,
} from "../../../generator/catalogue/networkmanager/index.ts";

const { destination, path } = NETWORK_MANAGER;
const PROFILE = `${path}/Settings/1`;
const DEVICE = `${path}/Devices/1`;
const ACTIVE = `${path}/ActiveConnection/1`;

/**
 * Serves a NetworkManager with one activation.
 *
 * @param course - Changes the states of the activation and its device.
 * @param isBeforeReply - Whether `course` runs before the reply to ActivateConnection.
 */
async function served(bus: TestBus, course: (step: Steps) => void, isBeforeReply = false) {
  const device = await bus.mock(DEVICE, Device, {}, { stateReason: { state: DeviceState.Prepare, reason: 0 } });
  const properties = { state: ActiveConnectionState.Activating, devices: [DEVICE] };
  const active = await bus.mock(ACTIVE, Active, {}, properties);
  const steps: Steps = {
    changeState(state, reason) {
      active.properties.state = state;
      active.signals.stateChanged(state, reason);
    },
    failDevice: (reason) => device.signals.stateChanged(DeviceState.Failed, DeviceState.Config, reason),
  };
  const activateConnection = () => {
    if (isBeforeReply) course(steps);
    else whenIdle(bus, () => course(steps));
    return ACTIVE;
  };
  const addAndActivateConnection = (): [string, string] => [PROFILE, activateConnection()];
  const handlers = { activateConnection, addAndActivateConnection };
  await bus.mock(path, NetworkManager, handlers, { allDevices: [DEVICE] });
  await bus.services.requestName(destination);
  return new NetworkManagerClient(bus.clients, NETWORK_MANAGER);
}

/** Calls a function when no call of the clients waits for a reply, so that they wait only for signals. */
function whenIdle(bus: TestBus, call: () => void): void {
  const timer = setInterval(() => {
    if (bus.clients.usage.pendingCalls > 0) return;
    clearInterval(timer);
    call();
  }, 5);
}

interface Steps {
  changeState(state: ActiveConnectionState, reason: ActiveConnectionStateReason): void;
  failDevice(reason: DeviceStateReason): void;
}

const succeed = ({ changeState }: Steps): void =>
  changeState(ActiveConnectionState.Activated, ActiveConnectionStateReason.None);

describe("activate waits for the end of an activation", () => {
  test.each([true, false])("that succeeds before the reply: %s", async (isBeforeReply) => {
    await using bus = await testBus();
    const manager = await served(bus, succeed, isBeforeReply);
    expect(await activate(bus.clients, () => manager.activateConnection(PROFILE, DEVICE, "/"))).toEqual({
      activeConnection: ACTIVE,
      isActive: true,
    });
  });

  test("that fails, with the reasons of activation and device", async () => {
    await using bus = await testBus();
    const manager = await served(bus, ({ changeState, failDevice }) => {
      changeState(ActiveConnectionState.Deactivated, ActiveConnectionStateReason.DeviceDisconnected);
      failDevice(DeviceStateReason.NoSecrets);
    });
    expect(await activate(bus.clients, () => manager.addAndActivateConnection({}, DEVICE, "/"))).toEqual({
      activeConnection: ACTIVE,
      isActive: false,
      reason: ActiveConnectionStateReason.DeviceDisconnected,
      deviceReason: DeviceStateReason.NoSecrets,
    });
  });

  test("whose object is gone when the reply arrives, with the reason of the device", async () => {
    await using bus = await testBus();
    const manager = await served(bus, ({ failDevice }) => failDevice(DeviceStateReason.NoSecrets), true);
    const start = async () => {
      await manager.activateConnection(PROFILE, DEVICE, "/");
      return `${path}/ActiveConnection/2`;
    };
    expect(await activate(bus.clients, start)).toEqual({
      activeConnection: `${path}/ActiveConnection/2`,
      isActive: false,
      reason: ActiveConnectionStateReason.Unknown,
      deviceReason: DeviceStateReason.NoSecrets,
    });
  });

  test("until NetworkManager leaves the bus", async () => {
    await using bus = await testBus();
    const manager = await served(bus, () => void bus.services.releaseName(destination));
    await expect(activate(bus.clients, () => manager.activateConnection(PROFILE, DEVICE, "/"))).rejects.toThrow(
      "NetworkManager has left the bus",
    );
  });

  test("until it is aborted", async () => {
    await using bus = await testBus();
    const manager = await served(bus, () => undefined);
    const start = () => manager.activateConnection(PROFILE, DEVICE, "/");
    const options = { signal: AbortSignal.timeout(50) };
    await expect(activate(bus.clients, start, options)).rejects.toThrow("aborted due to timeout");
  });
});

class Agent extends SecretAgentSkeleton {
  readonly requests: SecretRequest[] = [];

  protected override async provideSecrets(request: SecretRequest) {
    this.requests.push(request);
    if (request.group === "802-11-wireless-security") return { wirelessSecurity: { psk: "secret" } };
    if (request.group === "802-1x") throw new UserCanceledError("no");
    if (request.group === "vpn") return await new Promise<never>(() => undefined);
    return undefined;
  }
}

test("an agent answers only NetworkManager, while it is registered, and registers after a restart", async () => {
  await using bus = await testBus();
  const calls: string[] = [];
  await bus.mock(`${path}/AgentManager`, AgentManager, {
    registerWithCapabilities: (identifier) => void calls.push(`register ${identifier}`),
    unregister: () => void calls.push("unregister"),
  });
  await bus.services.requestName(destination);
  await using program = await connect({ bus: bus.address });
  const agent = new Agent();
  const target = { destination: program.uniqueName, path: `${path}/SecretAgent` };
  const client = new SecretAgentClient(bus.services, target);
  const secretsOf = (group: string) => client.getSecrets({}, PROFILE, group, [], 0);
  {
    await using _ = await registerSecretAgent(program, agent, { identifier: "org.example.Agent" });
    expect(await secretsOf("802-11-wireless-security")).toMatchObject({ wirelessSecurity: { psk: "secret" } });
    const refusal = { errorName: "org.freedesktop.NetworkManager.SecretAgent.UserCanceled" };
    await expect(secretsOf("802-1x")).rejects.toMatchObject(refusal);
    const none = { errorName: "org.freedesktop.NetworkManager.SecretAgent.NoSecrets" };
    await expect(secretsOf("gsm")).rejects.toMatchObject(none);
    await client.saveSecrets({}, PROFILE);
    await expect(new SecretAgentClient(bus.clients, target).deleteSecrets({}, PROFILE)).rejects.toThrow("only");

    const cancelled = { errorName: "org.freedesktop.NetworkManager.SecretAgent.AgentCanceled" };
    const first = expect(secretsOf("vpn")).rejects.toMatchObject(cancelled);
    await client.cancelGetSecrets(PROFILE, "gsm");
    expect(agent.requests.at(-1)?.signal.aborted).toBe(false);
    await client.cancelGetSecrets(PROFILE, "vpn");
    await first;

    const second = expect(secretsOf("vpn")).rejects.toMatchObject(cancelled);
    await expect.poll(() => agent.requests).toHaveLength(5);
    await bus.services.releaseName(destination);
    await second;
    await bus.services.requestName(destination);
    await expect.poll(() => calls).toHaveLength(2);
  }
  await expect(secretsOf("gsm")).rejects.toThrow();
  expect(calls).toEqual(["register org.example.Agent", "register org.example.Agent", "unregister"]);
});
