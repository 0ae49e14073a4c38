import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Variant } from "@dbus-codegen-ts/runtime";
import { type TestBus, testBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import { CanceledError } from "../../../generator/catalogue/connman-client/generated/net.connman.Agent.Error.ts";
import {
  AgentClient,
  type InputFields,
  type InputValues,
} from "../../../generator/catalogue/connman-client/generated/net.connman.Agent.ts";
import {
  CounterClient,
  CounterService,
  type CounterValues,
} from "../../../generator/catalogue/connman-client/generated/net.connman.Counter.ts";
import { Manager } from "../../../generator/catalogue/connman-client/generated/net.connman.Manager.ts";
import { Service, ServiceClient } from "../../../generator/catalogue/connman-client/generated/net.connman.Service.ts";
import { AgentClient as VpnAgentClient } from "../../../generator/catalogue/connman-client/generated/net.connman.vpn.Agent.ts";
import {
  Connection,
  ConnectionClient,
} from "../../../generator/catalogue/connman-client/generated/net.connman.vpn.Connection.ts";
import { Manager as VpnManager } from "../../../generator/catalogue/connman-client/generated/net.connman.vpn.Manager.ts";
import {
  AgentSkeleton,
  CONNMAN,
  CONNMAN_VPN,
  registerAgent,
  registerCounter,
  registerVpnAgent,
  setServiceProperties,
  setVpnProperties,
  VpnAgentSkeleton,
} from "../../../generator/catalogue/connman-client/index.ts";
import { ROOT } from "../support.ts";

test("the overlays of shared interfaces are those of specs/connman", () => {
  const withoutHeader = (text: string): string =>
    text
      .replace(/^<\?xml.*\?>\n(<!--.*-->\n)?/, "")
      .replace(/\s+xmlns:dct="[^"]*"/, "")
      .replace(' dct:overlay="net.connman"', "");
  const specs = join(ROOT, "specs/connman");
  const overlays = join(ROOT, "generator/catalogue/connman-client/overlays");
  for (const file of readdirSync(specs)) {
    const spec = withoutHeader(readFileSync(join(specs, file), "utf8"));
    const overlay = withoutHeader(readFileSync(join(overlays, `base-${file}`), "utf8"));
    expect([file, overlay]).toEqual([file, spec.startsWith("<node") ? spec : `<node>\n${spec}</node>\n`]);
  }
});

class Passphrases extends AgentSkeleton {
  override requestInput(_service: string, { passphrase }: InputFields): InputValues {
    if (passphrase?.requirement !== "mandatory") throw new CanceledError("unknown");
    return { passphrase: "secret" };
  }
}

/** Serves managers that record registrations. */
async function serve(bus: TestBus): Promise<unknown[]> {
  const calls: unknown[] = [];
  await bus.mock(CONNMAN.path, Manager, {
    registerAgent: (path) => void calls.push(["agent", path]),
    unregisterAgent: (path) => void calls.push(["no agent", path]),
    registerCounter: (path, accuracy, period) => void calls.push(["counter", path, accuracy, period]),
    unregisterCounter: (path) => void calls.push(["no counter", path]),
  });
  await bus.mock(CONNMAN_VPN.path, VpnManager, {
    registerAgent: (path) => void calls.push(["vpn agent", path]),
    unregisterAgent: (path) => void calls.push(["no vpn agent", path]),
  });
  await bus.services.requestName(CONNMAN.destination);
  await bus.services.requestName(CONNMAN_VPN.destination);
  return calls;
}

test("an agent answers with typed fields while it is registered", async () => {
  await using bus = await testBus();
  const calls = await serve(bus);
  const path = "/net/connman/agent";
  const agent = new AgentClient(bus.services, { destination: bus.clients.uniqueName, path });
  {
    await using _ = await registerAgent(bus.clients, new Passphrases());
    const passphrase = { type: "psk", requirement: "mandatory" } as const;
    expect(await agent.requestInput("/service", { passphrase })).toEqual({ passphrase: "secret" });
    await expect(agent.requestInput("/service", {})).rejects.toMatchObject({
      errorName: "net.connman.Agent.Error.Canceled",
    });
    await expect(agent.requestBrowser("/service", "http://login.example")).rejects.toMatchObject({
      errorName: "net.connman.Agent.Error.Canceled",
    });
    await expect(agent.requestPeerAuthorization("/peer", {})).rejects.toMatchObject({
      errorName: "net.connman.Agent.Error.Rejected",
    });
    await agent.reportError("/service", "invalid-key");
    await agent.reportPeerError("/peer", "failed");
    await agent.release();
  }
  await expect(agent.cancel()).rejects.toThrow();
  expect(calls).toEqual([
    ["agent", path],
    ["no agent", path],
  ]);
});

test("an agent of VPN connections and a counter are removed, also if ConnMan has ended", async () => {
  class VpnAgent extends VpnAgentSkeleton {
    override requestInput(...args: Parameters<VpnAgentSkeleton["requestInput"]>) {
      if (args[0] !== "/vpn") return super.requestInput(...args);
      return { username: "ada", openConnectValues: { "OpenConnect.Cookie": "c" } };
    }
  }
  const usages: unknown[] = [];
  class Counter extends CounterService {
    override release(): void {}
    override usage(service: string, home: CounterValues): void {
      usages.push([service, home.rxBytes]);
    }
  }
  await using bus = await testBus();
  const calls = await serve(bus);
  const destination = bus.clients.uniqueName;
  {
    await using _agent = await registerVpnAgent(bus.clients, new VpnAgent());
    const options = { accuracyKiB: 10, periodSeconds: 1 };
    await using _counter = await registerCounter(bus.clients, new Counter(), options);
    const agent = new VpnAgentClient(bus.services, { destination, path: "/net/connman/vpn/agent" });
    expect(await agent.requestInput("/vpn", {})).toEqual({
      username: "ada",
      openConnectValues: { "OpenConnect.Cookie": "c" },
    });
    await expect(agent.requestInput("/other", {})).rejects.toMatchObject({
      errorName: "net.connman.vpn.Agent.Error.Canceled",
    });
    await agent.reportError("/vpn", "failed");
    await agent.cancel();
    const counter = new CounterClient(bus.services, { destination, path: "/net/connman/counter" });
    await counter.usage("/service", { rxBytes: 7 }, {});
    await bus.services.releaseName(CONNMAN.destination);
  }
  expect(usages).toEqual([["/service", 7]]);
  expect(calls).toEqual([
    ["vpn agent", "/net/connman/vpn/agent"],
    ["counter", "/net/connman/counter", 10, 1],
    ["no vpn agent", "/net/connman/vpn/agent"],
  ]);
});

describe("typed properties are written as variants of their declared types", () => {
  test("of a service, with nested dictionaries and other keys", async () => {
    await using bus = await testBus();
    const service = await bus.mock("/service", Service, {});
    await setServiceProperties(bus.client(ServiceClient, "/service"), {
      ipv4Configuration: { method: "manual", address: "192.0.2.7", extra: { Vendor: new Variant("b", true) } },
      autoConnect: false,
      extra: { "New.Configuration": new Variant("as", ["a"]) },
    });
    expect(service.calls.map(({ args }) => args)).toEqual([
      [
        "IPv4.Configuration",
        new Variant("a{sv}", {
          Method: new Variant("s", "manual"),
          Address: new Variant("s", "192.0.2.7"),
          Vendor: new Variant("b", true),
        }),
      ],
      ["AutoConnect", new Variant("b", false)],
      ["New.Configuration", new Variant("as", ["a"])],
    ]);
  });

  test("of a VPN connection, with lists of structs and keys of a pattern", async () => {
    await using bus = await testBus();
    const connection = await bus.mock("/vpn", Connection, {});
    await setVpnProperties(bus.client(ConnectionClient, "/vpn"), {
      userRoutes: [{ route: { protocolFamily: 4, network: "192.0.2.0" } }],
      openVPNSettings: { "OpenVPN.Proto": "tcp" },
    });
    expect(connection.calls.map(({ args }) => args)).toEqual([
      [
        "UserRoutes",
        new Variant("a(a{sv})", [[{ ProtocolFamily: new Variant("i", 4), Network: new Variant("s", "192.0.2.0") }]]),
      ],
      ["OpenVPN.Proto", new Variant("s", "tcp")],
    ]);
  });

  test("and wrong values are refused before they are sent", async () => {
    await using bus = await testBus();
    const service = await bus.mock("/service", Service, {});
    const client = bus.client(ServiceClient, "/service");
    const wrong: object = { nameserversConfiguration: 7 };
    await expect(setServiceProperties(client, wrong)).rejects.toThrow(/expected/);
    const unknown: object = { Nameservers: [] };
    await expect(setServiceProperties(client, unknown)).rejects.toThrow("there is no property Nameservers");
    const inherited: object = { constructor: [] };
    await expect(setServiceProperties(client, inherited)).rejects.toThrow("there is no property constructor");
    const plain: object = { extra: { Vendor: 7 } };
    await expect(setServiceProperties(client, plain)).rejects.toThrow("extra: Vendor is not a variant");
    expect(service.calls).toEqual([]);
  });
});
