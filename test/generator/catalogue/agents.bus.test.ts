import { type Bus, connect, type InterfaceContract } from "@dbus-codegen-ts/runtime";
import { testBus } from "dbus-codegen-ts/testing";
import { expect, test } from "vitest";
import { Agent1, Agent1Service } from "../../../generator/catalogue/bluez/generated/org.bluez.Agent1.ts";
import {
  AgentCapability,
  AgentManager1,
} from "../../../generator/catalogue/bluez/generated/org.bluez.AgentManager1.ts";
import * as bluez from "../../../generator/catalogue/bluez/index.ts";
import {
  AgentService,
  Agent as ConnmanAgent,
} from "../../../generator/catalogue/connman-client/generated/net.connman.Agent.ts";
import { Counter, CounterService } from "../../../generator/catalogue/connman-client/generated/net.connman.Counter.ts";
import { Manager as ConnmanManager } from "../../../generator/catalogue/connman-client/generated/net.connman.Manager.ts";
import {
  Agent as VpnAgent,
  AgentService as VpnAgentService,
} from "../../../generator/catalogue/connman-client/generated/net.connman.vpn.Agent.ts";
import { Manager as VpnManager } from "../../../generator/catalogue/connman-client/generated/net.connman.vpn.Manager.ts";
import * as connman from "../../../generator/catalogue/connman-client/index.ts";
import {
  Agent as GeoclueAgent,
  AgentService as GeoclueAgentService,
} from "../../../generator/catalogue/geoclue/generated/org.freedesktop.GeoClue2.Agent.ts";
import { Manager as GeoclueManager } from "../../../generator/catalogue/geoclue/generated/org.freedesktop.GeoClue2.Manager.ts";
import * as geoclue from "../../../generator/catalogue/geoclue/index.ts";
import { AgentManager } from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.AgentManager.ts";
import { SecretAgent } from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.SecretAgent.ts";
import * as networkmanager from "../../../generator/catalogue/networkmanager/index.ts";
import { AuthenticationAgent } from "../../../generator/catalogue/polkit/generated/org.freedesktop.PolicyKit1.AuthenticationAgent.ts";
import { Authority } from "../../../generator/catalogue/polkit/generated/org.freedesktop.PolicyKit1.Authority.ts";
import * as polkit from "../../../generator/catalogue/polkit/index.ts";
import { defaultValue } from "../../../generator/tools/mock/defaults.ts";
import { withoutMethods } from "../../runtime/core/fixtures/partial-service.ts";

class SecretAgentOfTest extends networkmanager.SecretAgentSkeleton {
  protected override provideSecrets(): undefined {}
}

interface Row {
  /** Bus name of the service that calls the agent. */
  readonly name: string;
  /** Object path and interface of the service's object with which the agent registers. */
  readonly manager: readonly [path: string, contract: InterfaceContract];
  /** Interface of the agent. */
  readonly agent: InterfaceContract;
  readonly path: string;
  readonly register: (bus: Bus) => Promise<AsyncDisposable>;
}

const MANAGER_PATH = "/org/freedesktop/NetworkManager/AgentManager";
const AGENTS: readonly Row[] = [
  {
    name: "org.bluez",
    manager: ["/org/bluez", AgentManager1],
    agent: Agent1,
    path: "/org/bluez/agent",
    register: (bus) =>
      bluez.registerAgent(bus, withoutMethods(Agent1Service, Agent1), { capability: AgentCapability.DisplayYesNo }),
  },
  {
    name: "org.freedesktop.GeoClue2",
    manager: ["/org/freedesktop/GeoClue2/Manager", GeoclueManager],
    agent: GeoclueAgent,
    path: "/org/freedesktop/GeoClue2/Agent",
    register: (bus) =>
      geoclue.registerAgent(bus, withoutMethods(GeoclueAgentService, GeoclueAgent), "org.example.Agent"),
  },
  {
    name: "net.connman",
    manager: ["/", ConnmanManager],
    agent: ConnmanAgent,
    path: "/net/connman/agent",
    register: (bus) => connman.registerAgent(bus, withoutMethods(AgentService, ConnmanAgent)),
  },
  {
    name: "net.connman",
    manager: ["/", ConnmanManager],
    agent: Counter,
    path: "/net/connman/counter",
    register: (bus) => connman.registerCounter(bus, withoutMethods(CounterService, Counter)),
  },
  {
    name: "net.connman.vpn",
    manager: ["/", VpnManager],
    agent: VpnAgent,
    path: "/net/connman/vpn/agent",
    register: (bus) => connman.registerVpnAgent(bus, withoutMethods(VpnAgentService, VpnAgent)),
  },
  {
    name: "org.freedesktop.NetworkManager",
    manager: [MANAGER_PATH, AgentManager],
    agent: SecretAgent,
    path: "/org/freedesktop/NetworkManager/SecretAgent",
    register: (bus) =>
      networkmanager.registerSecretAgent(bus, new SecretAgentOfTest(), { identifier: "org.example.Agent" }),
  },
  {
    name: "org.freedesktop.PolicyKit1",
    manager: ["/org/freedesktop/PolicyKit1/Authority", Authority],
    agent: AuthenticationAgent,
    path: "/org/freedesktop/PolicyKit1/AuthenticationAgent",
    register: (bus) => polkit.registerAgent(bus, async () => undefined),
  },
];

/** Calls all methods of an object with empty values, and returns those that are refused with AccessDenied. */
async function refused(bus: Bus, destination: string, path: string, contract: InterfaceContract): Promise<string[]> {
  const methods = Object.values(contract.methods ?? {});
  const outcomes = methods.map(async ({ name, in: args = [] }) => {
    const signature = args.map(({ type }) => type).join("");
    const call = { destination, path, interface: contract.name, member: name, signature };
    const error = await bus
      .call({ ...call, args: args.map(({ type }) => defaultValue(type)) })
      .catch((thrown) => thrown);
    return error?.errorName === "org.freedesktop.DBus.Error.AccessDenied" ? [name] : [];
  });
  return (await Promise.all(outcomes)).flat();
}

test.each(AGENTS)("only the owner of $name can call methods of $agent.name, also after its restart", async (row) => {
  const { name, agent, path, register } = row;
  await using bus = await testBus({ onError: () => undefined });
  await bus.mock(row.manager[0], row.manager[1]);
  await bus.services.requestName(name);
  await using second = await connect({ bus: bus.address });
  await using program = await connect({ bus: bus.address, onError: () => undefined });
  const all = Object.values(agent.methods ?? {}).map((method) => method.name);
  expect(all.length).toBeGreaterThan(0);
  await using _ = await register(program);
  const { uniqueName } = program;
  expect(await refused(bus.services, uniqueName, path, agent)).toEqual([]);
  expect(await refused(second, uniqueName, path, agent)).toEqual(all);

  await bus.services.releaseName(name);
  await second.requestName(name);
  expect(await refused(second, uniqueName, path, agent)).toEqual([]);
  expect(await refused(bus.services, uniqueName, path, agent)).toEqual(all);
});
