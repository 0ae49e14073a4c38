// Uses the helpers of the package networkmanager with Debian's NetworkManager in network namespaces, and prints what was
// observed: activations that succeed and fail, and a secret agent. Usage: npm run peers -- networkmanager-helpers

import { strict as assert } from "node:assert";
import { connect } from "@dbus-codegen-ts/runtime";
import { ActiveConnectionStateReason } from "../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.Connection.Active.ts";
import { DeviceStateReason } from "../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.Device.ts";
import { UnknownDeviceError } from "../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.errors.ts";
import { UserCanceledError } from "../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.SecretAgent.errors.ts";
import { SettingsClient } from "../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.Settings.ts";
import { NetworkManagerClient } from "../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.ts";
import {
  type Activation,
  activate,
  NETWORK_MANAGER,
  registerSecretAgent,
  SecretAgentSkeleton,
  type SecretRequest,
} from "../../generator/catalogue/networkmanager/index.ts";
import { CABLES } from "../runtime/connman/machine.ts";
import { startNetworkManagerMachine, whyNoNetworkManager } from "../runtime/connman/network-manager-machine.ts";

const missing = whyNoNetworkManager();
if (missing !== undefined) {
  process.stdout.write(`skipped: ${missing}\n`);
  process.exit();
}
const print = (name: string, result: unknown): void => void process.stdout.write(`${name.padEnd(44)}${result}\n`);

/** Returns the name of a value of an enum. */
function nameOf(values: Readonly<Record<string, number>>, value: number | undefined): string {
  return Object.entries(values).find(([, each]) => each === value)?.[0] ?? String(value);
}

function describe({ isActive, reason, deviceReason }: Activation): string {
  if (isActive) return "active";
  return `${nameOf(ActiveConnectionStateReason, reason)}, ${nameOf(DeviceStateReason, deviceReason)}`;
}

class Agent extends SecretAgentSkeleton {
  readonly requests: SecretRequest[] = [];
  answer: "password" | "none" | "refusal" = "password";

  protected override provideSecrets(request: SecretRequest) {
    this.requests.push(request);
    if (this.answer === "refusal") throw new UserCanceledError("the user refused");
    return this.answer === "none" ? undefined : { ieee8021X: { password: "secret" } };
  }
}

await using manager = await startNetworkManagerMachine();
await using bus = await connect({ bus: manager.machine.address });
const networkManager = new NetworkManagerClient(bus, NETWORK_MANAGER);
const settings = new SettingsClient(bus, { ...NETWORK_MANAGER, path: `${NETWORK_MANAGER.path}/Settings` });
const device = await networkManager.getDeviceByIpIface(CABLES.b.interface);

const plain = await activate(bus, () =>
  networkManager.addAndActivateConnection(
    { connection: { id: "plain" }, ipv4: { method: "link-local" }, ipv6: { method: "disabled" } },
    device,
    "/",
  ),
);
print("a profile that is added", describe(plain));
assert.ok(plain.isActive);

const path = await settings.addConnection({
  connection: { id: "protected", type: "802-3-ethernet", interfaceName: CABLES.b.interface, autoconnect: false },
  ieee8021X: { eap: ["md5"], identity: "user", passwordFlags: 1 },
  ipv4: { method: "link-local" },
  ipv6: { method: "disabled" },
});
const activateProtected = (): Promise<Activation> =>
  activate(bus, () => networkManager.activateConnection(path, device, "/"));

const without = await activateProtected();
print("a password without agent", describe(without));
assert.equal(without.deviceReason, DeviceStateReason.NoSecrets);

const agent = new Agent();
{
  await using _ = await registerSecretAgent(bus, agent, { identifier: "org.example.Agent" });
  for (const answer of ["none", "refusal", "password"] as const) {
    agent.answer = answer;
    const result = await activateProtected();
    print(`an agent that answers with ${answer}`, describe(result));
    assert.equal(result.isActive, false);
    assert.equal(result.deviceReason === DeviceStateReason.NoSecrets, answer !== "password");
  }
}
print("requests", agent.requests.map(({ group, profile }) => `${group} of ${profile.connection?.id}`).join(", "));
assert.ok(agent.requests.length >= 3);

const count = agent.requests.length;
print("after the registration", describe(await activateProtected()));
assert.equal(agent.requests.length, count);

await assert.rejects(
  activate(bus, () => networkManager.activateConnection(path, `${NETWORK_MANAGER.path}/Devices/4711`, "/")),
  (error) => Reflect.get(Object(error), "errorName") === UnknownDeviceError.errorName,
);
print("an unknown device", UnknownDeviceError.errorName);
