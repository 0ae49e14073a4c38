import {
  DIALECTS,
  type Dialect,
  type DialectName,
  type NetworkService,
  refuseAsConnman,
  type SessionPolicy,
  type Settings,
  SimulatedNetwork,
  type SimulatedService,
  serveSessions,
} from "@dbus-codegen-ts/connman";
import { type Bus, connect, DBusError } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { SessionClient } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allowedBearers } from "../../../../runtime/connman/policy/bearers.ts";
import { readRequestedSettings, readSettingChange } from "../../../../runtime/connman/policy/requested-settings.ts";
import type { SettingEntry } from "../../../../runtime/connman/policy/settings.ts";
import type { SessionRecord } from "../../../../runtime/connman/sessions/session-record.ts";
import { SessionTable } from "../../../../runtime/connman/sessions/session-table.ts";
import { monitorBus } from "../../../setup/bus-monitor.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";

/** One field of a dialect: what to do, and what comes of it in session-2013, session-2011 and connman-1.41. */
interface Decision {
  readonly when: string;
  /** What is seen. */
  readonly see: (dialect: Dialect) => unknown;
  readonly comes: readonly [session2013: unknown, session2011: unknown, connman141: unknown];
}

const text = (name: string, value: string): SettingEntry => ({ name, signature: "s", value });
const flag = (name: string): SettingEntry => ({ name, signature: "b", value: true });
const list = (...value: readonly string[]): SettingEntry => ({ name: "AllowedBearers", signature: "as", value });

const EVERY_NAME = ["ethernet", "wifi", "bluetooth", "cellular", "3g", "gadget", "vpn", "wimax"];
const EMERGENCY: SessionPolicy = {
  connectionType: "any",
  priority: false,
  roamingPolicy: "default",
  emergencyCall: true,
};

const DECISIONS: Readonly<Record<Exclude<keyof Dialect, "name">, Decision>> = {
  settings: {
    when: "the first Update has these settings, in this order",
    see: (dialect) => Object.keys(new Story(dialect).create().told).join(" "),
    comes: [
      "state name ipv4 ipv6 interface bearer connectionType allowedBearers allowedInterface contextIdentifier sourceIPRule",
      "bearer online name ipv4 ipv6 interface priority allowedBearers avoidHandover stayConnected periodicConnect " +
        "idleTimeout emergencyCall roamingPolicy sessionMarker",
      "state name ipv4 ipv6 interface bearer connectionType allowedBearers allowedInterface contextIdentifier sourceIPRule",
    ],
  },
  bearers: {
    when: "a list of one name allows one bearer",
    see: (dialect) =>
      EVERY_NAME.filter((name) => {
        const request = readRequestedSettings(dialect, [list(name)]);
        return request !== undefined && allowedBearers(dialect, request.allowedBearers, undefined).length === 1;
      }).join(" "),
    comes: [
      "ethernet wifi bluetooth cellular gadget vpn",
      "ethernet wifi bluetooth 3g wimax",
      "ethernet wifi bluetooth cellular gadget",
    ],
  },
  bearersOutsideAny: {
    when: "* stands for these bearers",
    see: (dialect) => new Story(dialect).create(list("*")).bearers.join(" "),
    comes: [
      "ethernet wifi bluetooth cellular gadget",
      "ethernet bluetooth wifi wimax cellular",
      "ethernet wifi bluetooth cellular gadget",
    ],
  },
  emptyBearers: {
    when: "AllowedBearers is empty and a cable is online",
    see: (dialect) => new Story(dialect, CABLE).create(list()).bearer,
    comes: ["", "ethernet", ""],
  },
  unknownBearers: {
    when: "AllowedBearers has an unknown name before ethernet",
    see: (dialect) => new Story(dialect).create(list("nonsense", "ethernet")).told.allowedBearers,
    comes: [["ethernet"], ["nonsense", "ethernet"], "refused"],
  },
  bearerOrder: {
    when: "wifi is named before ethernet, and both are online",
    see: (dialect) => new Story(dialect, CABLE, WIFI).create(list("wifi", "ethernet")).bearer,
    comes: ["wifi", "wifi", "ethernet"],
  },
  reportedBearers: {
    when: "AllowedBearers is wifi and *",
    see: (dialect) => new Story(dialect).create(list("wifi", "*")).told.allowedBearers,
    comes: [
      ["wifi", "ethernet", "bluetooth", "cellular", "gadget"],
      ["wifi", "*"],
      ["ethernet", "wifi", "bluetooth", "cellular", "gadget"],
    ],
  },
  unknownConnectionType: {
    when: "a session is created with ConnectionType online",
    see: (dialect) => new Story(dialect).create(text("ConnectionType", "online")).told.connectionType,
    comes: ["any", "refused", ""],
  },
  connectionTypeApplies: {
    when: "ConnectionType becomes internet while the service is only ready",
    see: (dialect) =>
      new Story(dialect, { ...CABLE, state: "ready" }).create().change(text("ConnectionType", "internet")),
    comes: [
      [{ state: "disconnected", name: "", ipv4: {}, interface: "", bearer: "", connectionType: "internet" }],
      "refused",
      [{ connectionType: "internet" }],
    ],
  },
  emptyInterface: {
    when: "a session is created with an empty AllowedInterface and a cable is online",
    see: (dialect) => new Story(dialect, CABLE).create(text("AllowedInterface", "")).bearer,
    comes: ["ethernet", "refused", ""],
  },
  contextIdentifier: {
    when: "a session is created with ContextIdentifier tab",
    see: (dialect) => new Story(dialect).create(text("ContextIdentifier", "tab")).told.contextIdentifier,
    comes: ["tab", "refused", ""],
  },
  state: {
    when: "the service of a session goes from ready to online",
    see: (dialect) => new Story(dialect, { ...CABLE, state: "ready" }).create().network({ ...CABLE, state: "online" }),
    comes: [[{ state: "online" }], [{ online: true, ipv4: { method: "dhcp" } }], []],
  },
  localState: {
    when: "a session with ConnectionType local has a service that is online",
    see: (dialect) => new Story(dialect, CABLE).create(text("ConnectionType", "local")).told.state,
    comes: ["connected", "refused", "online"],
  },
  addresses: {
    when: "a session has a service that is ready and has an address",
    see: (dialect) => new Story(dialect, { ...CABLE, state: "ready" }).create().told.ipv4,
    comes: [{ method: "dhcp" }, {}, { method: "dhcp" }],
  },
  updates: {
    when: "the cable of a session is lost while wifi is online",
    see: (dialect) => new Story(dialect, CABLE, WIFI).create().network({ ...CABLE, state: "idle" }, WIFI).length,
    comes: [1, 1, 2],
  },
  equalValues: {
    when: "AllowedBearers is set to what it is",
    see: (dialect) => new Story(dialect).create(list("wifi")).change(list("wifi")),
    comes: [[], [], [{ allowedBearers: ["wifi"] }]],
  },
  priorityFirst: {
    when: "of two sessions the second has priority, and a cable comes up",
    see: (dialect) => {
      const first = new Story(dialect).create();
      first.create(flag("Priority"));
      first.book.takeEffects();
      first.book.updateServices([serviceOf(CABLE)]);
      return first.book.takeEffects().updates.map(({ session }) => session.mark);
    },
    comes: ["refused", [257, 256], "refused"],
  },
  roaming: {
    when: "a session that may not roam is offered a roaming network",
    see: (dialect) => new Story(dialect, { ...CABLE, roaming: "international" }).create().bearer,
    comes: ["ethernet", "", "ethernet"],
  },
  emergency: {
    when: "the policy of a connected session says EmergencyCall, and when its client says so",
    see: (dialect) => {
      const byPolicy = new Story(dialect).create();
      byPolicy.book.connect(
        byPolicy.book.create("/e", ":1.2", byPolicy.record.requested, { policy: EMERGENCY, matchedBy: { uid: 1 } }),
      );
      const bySetting = new Story(dialect).create();
      if (readSettingChange(dialect, flag("EmergencyCall")) !== undefined) bySetting.change(flag("EmergencyCall"));
      return [byPolicy.book.emergencyCaller !== undefined, bySetting.book.emergencyCaller !== undefined];
    },
    comes: [
      [true, false],
      [false, true],
      [true, false],
    ],
  },
  othersDuringEmergency: {
    when: "somebody else's emergency call begins while a session has a service",
    see: (dialect) => {
      const story = new Story(dialect, CABLE).create();
      const caller = story.book.create("/e", ":1.2", story.record.requested, {
        policy: EMERGENCY,
        matchedBy: { uid: 1 },
      });
      story.book.connect(caller);
      if (dialect.emergency === "setting") story.change(flag("EmergencyCall"), caller);
      return story.bearer;
    },
    comes: ["ethernet", "", "ethernet"],
  },
  callers: {
    when: "another client disconnects the session",
    see: async (dialect) =>
      onTheBus(dialect, async ({ stranger, path }) => {
        await new SessionClient(stranger, { destination: "net.connman", path }).disconnect();
        return "done";
      }),
    comes: ["net.connman.Error.PermissionDenied", "net.connman.Error.PermissionDenied", "done"],
  },
  lastUpdate: {
    when: "the service ends and releases the session",
    see: async (dialect) =>
      onTheBus(dialect, async ({ close, address }) => {
        await using monitor = await monitorBus(address);
        await close();
        const heard = (): (string | undefined)[] =>
          monitor.messages.filter(({ path }) => path === "/n").map(({ member }) => member);
        await expect.poll(heard).toContain("Release");
        await expect.poll(() => monitor.messages.some(({ member }) => member === "NameOwnerChanged")).toBe(true);
        return heard();
      }),
    comes: [["Release"], ["Release"], ["Release", "Update"]],
  },
  refusals: {
    when: "a method is called that there is not",
    see: async (dialect) =>
      onTheBus(dialect, async ({ stranger }) => {
        await stranger.call({ destination: "net.connman", path: "/", interface: "net.connman.Nope", member: "Nope" });
      }),
    comes: [
      "org.freedesktop.DBus.Error.UnknownInterface",
      "org.freedesktop.DBus.Error.UnknownInterface",
      "org.freedesktop.DBus.Error.UnknownMethod",
    ],
  },
};

const CABLE: SimulatedService = {
  id: "cable",
  name: "Wired",
  bearer: "ethernet",
  interface: "eth0",
  state: "online",
  ipv4: { method: "dhcp" },
  ipv6: {},
};
const WIFI: SimulatedService = { id: "home", name: "Home", bearer: "wifi", interface: "wlan0", state: "online" };

const NAMES: readonly DialectName[] = ["session-2013", "session-2011", "connman-1.41"];

describe.each(Object.entries(DECISIONS))("%s", (_field, { when, see, comes }) => {
  test.each(NAMES.map((name, index) => ({ name, expected: comes[index] })))(
    `$name: ${when}: $expected`,
    async ({ name, expected }) => {
      expect(await outcome(() => see(DIALECTS[name]))).toEqual(expected);
    },
  );
});

class Refused extends Error {}

async function outcome(see: () => unknown): Promise<unknown> {
  try {
    return await see();
  } catch (error) {
    if (error instanceof Refused) return "refused";
    if (error instanceof DBusError) return error.errorName;
    throw error;
  }
}

function serviceOf(service: SimulatedService): NetworkService {
  const [complete] = new SimulatedNetwork([service]).services;
  if (complete === undefined) throw new Error("there is no service");
  return complete;
}

/** A session in a book, and what its client hears. */
class Story {
  readonly book: SessionTable;
  #session: SessionRecord | undefined;

  constructor(dialect: Dialect, ...services: readonly SimulatedService[]) {
    this.book = new SessionTable(dialect);
    this.book.updateServices(services.map(serviceOf));
  }

  /** Creates a session. The first one is the one to look at. */
  create(...entries: readonly SettingEntry[]): this {
    const request = readRequestedSettings(this.book.dialect, entries);
    if (request === undefined) throw new Refused();
    const record = this.book.create(`/${this.book.size}`, ":1.1", request);
    this.book.reportFirst(record);
    this.#session ??= record;
    return this;
  }

  get record(): SessionRecord {
    if (this.#session === undefined) throw new Error("there is no session yet");
    return this.#session;
  }

  /** What the client was told last. */
  get told(): Settings {
    this.book.takeEffects();
    const { reported } = this.record;
    return { ...reported?.assignment.settings, ...reported?.settings };
  }

  get bearer(): string | undefined {
    return this.told.bearer;
  }

  get bearers(): readonly string[] {
    return this.record.request.bearers;
  }

  /** Changes a setting of a session; what the client hears of the one to look at. */
  change(entry: SettingEntry, record = this.record): readonly Settings[] {
    this.book.takeEffects();
    const change = readSettingChange(this.book.dialect, entry);
    if (change === undefined) throw new Refused();
    this.book.change(record, change);
    return this.#heard();
  }

  /** Makes these the services; what the client hears. */
  network(...services: readonly SimulatedService[]): readonly Settings[] {
    this.book.takeEffects();
    this.book.updateServices(services.map(serviceOf));
    return this.#heard();
  }

  #heard(): readonly Settings[] {
    return this.book
      .takeEffects()
      .updates.flatMap(({ session, settings }) => (session === this.#session ? [settings] : []));
  }
}

let daemon: PrivateBus;
beforeAll(async () => {
  daemon = await startPrivateBus();
});
afterAll(() => daemon.stop());

interface Scene {
  readonly address: string;
  /** A client that has no session. */
  readonly stranger: Bus;
  /** The session of another client, whose notifier is `/n`. */
  readonly path: string;
  /** Ends the service. */
  close(): Promise<void>;
}

/** Lets a scene play on a bus with a service, a client that has a session, and another. */
async function onTheBus(dialect: Dialect, play: (scene: Scene) => Promise<unknown>): Promise<unknown> {
  const { address } = daemon;
  await using service = await connect(
    dialect.refusals === "connman" ? { bus: address, refuse: refuseAsConnman } : { bus: address },
  );
  await using network = new SimulatedNetwork([CABLE]);
  await using server = await serveSessions(service, { network, dialect: dialect.name });
  await using client = await connect({ bus: address });
  await using stranger = await connect({ bus: address });
  await client.serve("/n", new Listener());
  const manager = new ManagerClient(client, { destination: "net.connman", path: "/" });
  const path = await manager.createSession({}, "/n");
  return await play({ address, stranger, path, close: () => server.close() });
}

class Listener extends NotificationService {
  update(): void {}
  release(): void {}
}
