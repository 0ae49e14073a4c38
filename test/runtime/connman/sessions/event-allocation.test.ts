import { DIALECTS, type NetworkService, type Settings } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { readRequestedSettings, readSettingChange } from "../../../../runtime/connman/policy/requested-settings.ts";
import type { SettingEntry } from "../../../../runtime/connman/policy/settings.ts";
import type { SessionRecord } from "../../../../runtime/connman/sessions/session-record.ts";
import { SessionTable } from "../../../../runtime/connman/sessions/session-table.ts";

/** Addresses of a service. The expected results in this file are those of a real ConnMan 1.41. */

const ADDRESS = { ipv4: { method: "dhcp" }, ipv6: {} } as const;
const CABLE: NetworkService = {
  ...{ id: "cable", name: "Wired", bearer: "ethernet", interface: "eth0", state: "ready" },
  ...{ ...ADDRESS, autoConnect: true, roaming: "home" },
};
const GADGET: NetworkService = { ...CABLE, id: "gadget", bearer: "gadget", interface: "usb0" };

const interfaceEntry = (value: string): SettingEntry => ({ name: "AllowedInterface", signature: "s", value });
const bearersEntry = (...value: readonly string[]): SettingEntry => ({
  name: "AllowedBearers",
  signature: "as",
  value,
});
const typeEntry = (value: string): SettingEntry => ({ name: "ConnectionType", signature: "s", value });
const ruleEntry: SettingEntry = { name: "SourceIPRule", signature: "b", value: true };

/** A session table with one session. Methods return the Updates of the session as text. */
class Scenario {
  readonly #table = new SessionTable(DIALECTS["connman-1.41"]);
  readonly #record: SessionRecord;
  #services: readonly NetworkService[] = [];

  constructor(services: readonly NetworkService[], ...entries: readonly SettingEntry[]) {
    this.network(...services);
    const requested = readRequestedSettings(this.#table.dialect, entries);
    if (requested === undefined) throw new Error("the settings are refused");
    this.#record = this.#table.create("/n", ":1.1", requested);
    this.#table.reportFirst(this.#record);
    this.#take();
  }

  network(...services: readonly NetworkService[]): string {
    this.#services = services;
    this.#table.updateServices(services);
    return this.#take();
  }

  /** Changes values of services. */
  becomes(changes: Readonly<Record<string, Partial<NetworkService>>>): string {
    return this.network(...this.#services.map((service) => ({ ...service, ...changes[service.id] })));
  }

  change(entry: SettingEntry): string {
    const change = readSettingChange(this.#table.dialect, entry);
    if (change === undefined) throw new Error("the change is refused");
    this.#table.change(this.#record, change);
    return this.#take();
  }

  connect(): string {
    this.#table.connect(this.#record);
    return this.#take();
  }

  disconnect(): string {
    this.#table.disconnect(this.#record);
    return this.#take();
  }

  #take(): string {
    return this.#table
      .takeEffects()
      .updates.map(({ settings }) => textOf(settings))
      .join("; ");
  }
}

/**
 * Returns an Update as text: state, bearer, and the names of all other settings except those that change with each
 * service.
 */
function textOf({ state, bearer, name, interface: _, ...settings }: Settings): string {
  const names = Object.entries(settings).map(([key, value]) => {
    return typeof value === "string" || Array.isArray(value) ? `${key}=${value}` : key;
  });
  const others = name === undefined ? names : names.filter((key) => key !== "ipv4" && key !== "ipv6");
  return [state, bearer === "" ? "none" : bearer, ...others].filter((part) => part !== undefined).join(" ");
}

type Step = readonly [event: string, run: (scenario: Scenario) => string, updates: string];

const online = { state: "online" } as const;
const ready = { state: "ready" } as const;
const idle = { state: "idle", ipv4: {}, ipv6: {} } as const;

const HISTORIES: Readonly<Record<string, readonly [start: () => Scenario, ...steps: readonly Step[]]>> = {
  "State is kept until an address changes, and then reported before it": [
    () => new Scenario([CABLE]),
    ["the service goes online", (s) => s.becomes({ cable: online }), ""],
    ["IPv6 changes", (s) => s.becomes({ cable: { ipv6: { method: "auto" } } }), "online; ipv6"],
    ["the service is ready", (s) => s.becomes({ cable: ready }), ""],
    ["both change", (s) => s.becomes({ cable: { ipv4: {}, ipv6: {} } }), "connected; ipv4; ipv6"],
    ["both are set to equal values", (s) => s.becomes({ cable: { ipv4: {}, ipv6: {} } }), "ipv4; ipv6"],
  ],
  "SourceIPRule reports the present state": [
    () => new Scenario([CABLE]),
    ["the service goes online", (s) => s.becomes({ cable: online }), ""],
    ["SourceIPRule is set", (s) => s.change(ruleEntry), "online sourceIPRule"],
    ["it is set to its value", (s) => s.change(ruleEntry), ""],
  ],
  "a service that comes up is taken if its bearer is preferred": [
    () => new Scenario([GADGET, { ...CABLE, ...idle }]),
    ["the cable comes up", (s) => s.becomes({ cable: { ...ready, ...ADDRESS } }), "ethernet"],
    ["the gadget goes online", (s) => s.becomes({ gadget: online }), ""],
    ["the cable is lost", (s) => s.becomes({ cable: idle }), "disconnected none; online gadget"],
    ["the cable changes its name", (s) => s.becomes({ cable: { name: "x" } }), ""],
  ],
  "without a service, the first of the network is taken": [
    () => new Scenario([GADGET, CABLE], interfaceEntry("none")),
    ["any interface is allowed", (s) => s.change(interfaceEntry("")), "connected gadget allowedInterface=*"],
    ["Connect takes a preferred one", (s) => s.connect(), "ethernet"],
  ],
  "after Disconnect, a service is taken when it comes up, goes online or back to ready": [
    () => new Scenario([CABLE]),
    ["Disconnect", (s) => s.disconnect(), "disconnected none"],
    ["an address changes", (s) => s.becomes({ cable: { ipv4: {} } }), ""],
    ["the service goes online", (s) => s.becomes({ cable: online }), "online ethernet"],
    ["Disconnect", (s) => s.disconnect(), "disconnected none"],
    ["the service is ready", (s) => s.becomes({ cable: ready }), "connected ethernet"],
  ],
  "ConnectionType applies at the next event of the service": [
    () => new Scenario([CABLE, { ...GADGET, ...online }]),
    ["it becomes internet", (s) => s.change(typeEntry("internet")), "connectionType=internet"],
    ["an address changes", (s) => s.becomes({ cable: { ipv4: {} } }), "ipv4"],
    ["the service goes online", (s) => s.becomes({ cable: online }), ""],
    ["back to ready: it is lost, and not replaced", (s) => s.becomes({ cable: ready }), "disconnected none"],
    ["it becomes any", (s) => s.change(typeEntry("any")), "connectionType=any"],
    ["an address changes", (s) => s.becomes({ cable: { ipv4: {} } }), ""],
    ["Connect", (s) => s.connect(), "connected ethernet"],
  ],
  "AllowedInterface is repeated unless none was and is named": [
    () => new Scenario([]),
    ["none", (s) => s.change(interfaceEntry("")), ""],
    ["*", (s) => s.change(interfaceEntry("*")), "allowedInterface=*"],
    ["the same", (s) => s.change(interfaceEntry("*")), "allowedInterface=*"],
    ["none", (s) => s.change(interfaceEntry("")), "allowedInterface=*"],
    ["none", (s) => s.change(interfaceEntry("")), ""],
    ["a name", (s) => s.change(interfaceEntry("eth0")), "allowedInterface=eth0"],
    ["the same", (s) => s.change(interfaceEntry("eth0")), "allowedInterface=eth0"],
  ],
  "* at creation is a name": [
    () => new Scenario([], interfaceEntry("*")),
    ["none", (s) => s.change(interfaceEntry("")), "allowedInterface=*"],
  ],
  "AllowedBearers is repeated unless it was and is empty": [
    () => new Scenario([], bearersEntry("wifi")),
    ["the same", (s) => s.change(bearersEntry("wifi")), "allowedBearers=wifi"],
    ["none", (s) => s.change(bearersEntry()), "allowedBearers="],
    ["none", (s) => s.change(bearersEntry("")), ""],
    ["vpn, which no session may use", (s) => s.change(bearersEntry("vpn")), ""],
    ["another one", (s) => s.change(bearersEntry("gadget")), "allowedBearers=gadget"],
  ],
  "several services that change at the same time change one by one, the lost ones first": [
    () => new Scenario([CABLE, { ...GADGET, ...idle }]),
    [
      "cable lost, gadget up",
      (s) => s.becomes({ cable: idle, gadget: { ...ready, ...ADDRESS } }),
      "disconnected none; connected gadget",
    ],
    ["gadget removed, cable up", (s) => s.network({ ...CABLE, ...ready }), "disconnected none; connected ethernet"],
  ],
};

describe.each(Object.entries(HISTORIES))("%s", (_, [start, ...steps]) => {
  test(steps.map(([event, , updates]) => `${event}: ${updates || "no Update"}`).join(" | "), () => {
    const scenario = start();
    expect(steps.map(([event, run]) => [event, run(scenario)])).toEqual(
      steps.map(([event, , updates]) => [event, updates]),
    );
  });
});
