import { Link, LinkService } from "@dbus-codegen-ts/network/org.freedesktop.network1.Link";
import {
  AdministrativeState,
  type LinkInfo,
  Manager,
  ManagerService,
} from "@dbus-codegen-ts/network/org.freedesktop.network1.Manager";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LinkStates } from "../../../../../../runtime/connman/adapters/network/networkd/link-states.ts";
import { type PrivateBus, startPrivateBus } from "../../../../../setup/private-bus.ts";
import { partial } from "../../../../core/fixtures/partial-service.ts";

const { Configured, Configuring, Failed } = AdministrativeState;

class LinkObject extends partial(LinkService, Link) {
  constructor(administrativeState: AdministrativeState) {
    super({ administrativeState });
  }
}

/** A service that behaves like systemd-networkd. */
class Networkd extends partial(ManagerService, Manager) implements AsyncDisposable, Pick<ManagerService, "listLinks"> {
  readonly links = new Map<string, LinkObject>();
  readonly #bus: Bus;
  #list: LinkInfo[] = [];

  static async serve(address: string, names: readonly string[]): Promise<Networkd> {
    const networkd = new Networkd(await connect({ bus: address }));
    await networkd.#bus.serve("/org/freedesktop/network1", networkd);
    for (const [index, name] of names.entries()) await networkd.add(name, index + 1);
    await networkd.#bus.requestName("org.freedesktop.network1");
    return networkd;
  }

  private constructor(bus: Bus) {
    super();
    this.#bus = bus;
  }

  async add(name: string, index: number): Promise<void> {
    const path = `/org/freedesktop/network1/link/_${index}`;
    const link = new LinkObject(Configuring);
    await this.#bus.serve(path, link);
    this.links.set(name, link);
    this.#list = [...this.#list.filter((other) => other.name !== name), { index, name, link: path }];
  }

  set(name: string, state: AdministrativeState): void {
    const link = this.links.get(name);
    if (link !== undefined) link.properties.administrativeState = state;
  }

  listLinks(): readonly LinkInfo[] {
    return this.#list;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.close();
  }
}

let daemon: PrivateBus;
let bus: Bus;
let links: LinkStates;
let errors: unknown[];
let changes: number;

beforeEach(async () => {
  daemon = await startPrivateBus();
  bus = await connect({ bus: daemon.address });
  errors = [];
  changes = 0;
  links = new LinkStates(bus, {
    onChange: () => {
      changes++;
    },
    onError: (error) => void errors.push(error),
  });
  links.follow(["eth0", "eth1"]);
});
afterEach(async () => {
  await links.close();
  await bus.close();
  await daemon.stop();
  expect(errors).toEqual([]);
});

const states = () => [...links.states].map((entry) => entry.join(" ")).sort();

test("reports the states of the followed interfaces, and their changes", async () => {
  await using networkd = await Networkd.serve(daemon.address, ["lo", "eth0", "eth1"]);
  await links.start();
  expect(states()).toEqual(["eth0 configuring", "eth1 configuring"]);
  networkd.set("eth0", Configured);
  await expect.poll(states).toEqual(["eth0 configured", "eth1 configuring"]);
  expect(changes).toBeGreaterThan(0);
  links.follow(["eth1", "lo"]);
  await expect.poll(states).toEqual(["eth1 configuring", "lo configuring"]);
});

test("an interface that is removed and returns has the state of its new object", async () => {
  await using networkd = await Networkd.serve(daemon.address, ["eth0"]);
  await links.start();
  networkd.set("eth0", Failed);
  await expect.poll(states).toEqual(["eth0 failed"]);
  await networkd.add("eth0", 7);
  links.follow(["eth0"]);
  await expect.poll(states).toEqual(["eth0 configuring"]);
  networkd.set("eth0", Configured);
  await expect.poll(states).toEqual(["eth0 configured"]);
});

test("states appear when systemd-networkd starts, and remain while it restarts", async () => {
  await links.start();
  expect(states()).toEqual([]);
  {
    await using networkd = await Networkd.serve(daemon.address, ["eth0"]);
    await expect.poll(states).toEqual(["eth0 configuring"]);
    networkd.set("eth0", Configured);
    await expect.poll(states).toEqual(["eth0 configured"]);
  }
  expect(states()).toEqual(["eth0 configured"]);
  await using networkd = await Networkd.serve(daemon.address, ["eth0"]);
  await expect.poll(states).toEqual(["eth0 configuring"]);
  networkd.set("eth0", Failed);
  await expect.poll(states).toEqual(["eth0 failed"]);
});
