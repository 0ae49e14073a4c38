import { describe, expect, it } from "vitest";
import { routingBatches } from "../../../../../../runtime/connman/adapters/routing/linux/ip-batch.ts";
import { type FamilyPlan, planRouting } from "../../../../../../runtime/connman/adapters/routing/linux/routing-plan.ts";
import type { SessionRoute } from "../../../../../../runtime/connman/adapters/routing/routing.ts";
import type { NetworkService } from "../../../../../../runtime/connman/policy/service.ts";

const service = (change: Partial<NetworkService> = {}): NetworkService => ({
  id: "ethernet_1_cable",
  name: "Wired",
  bearer: "ethernet",
  interface: "eth0",
  state: "ready",
  ipv4: { address: "192.0.2.77", netmask: "255.255.255.192", gateway: "192.0.2.65" },
  ipv6: { address: "2001:db8::7", prefixLength: 64, gateway: "fe80::1" },
  autoConnect: true,
  roaming: "home",
  ...change,
});
const session = (change: Partial<SessionRoute> = {}): SessionRoute => ({
  mark: 256,
  owner: { uid: 1000 },
  sourceIPRule: false,
  service: service(),
  ...change,
});
const lines = ({ routes, rules }: FamilyPlan): string[] => [
  ...routes.map(({ table, destination, way }) => `${table}: ${destination} ${way}`),
  ...rules,
];
const plan4 = (...sessions: readonly SessionRoute[]): string[] => lines(planRouting(sessions).ipv4);
const plan6 = (...sessions: readonly SessionRoute[]): string[] => lines(planRouting(sessions).ipv6);

const OWNER_RULE = "fwmark 256 lookup 256 priority 20000";
const HELD_BACK = "256: unreachable default metric 4000000000";

describe("the table of a session", () => {
  it("has the subnet and the gateway of its service", () => {
    expect(plan4(session())).toEqual([
      "256: 192.0.2.64/26 dev eth0",
      "256: default via 192.0.2.65 dev eth0 onlink",
      HELD_BACK,
      OWNER_RULE,
    ]);
    expect(plan6(session())).toEqual([
      "256: 2001:db8::7/64 dev eth0",
      "256: default via fe80::1 dev eth0 onlink",
      HELD_BACK,
      OWNER_RULE,
    ]);
  });

  it.each([
    ["no gateway", { address: "192.0.2.77" }, ["256: default dev eth0", HELD_BACK, OWNER_RULE]],
    ["no address", {}, [HELD_BACK, OWNER_RULE]],
  ])("leads nowhere else with %s", (_what, ipv4, expected) => {
    expect(plan4(session({ service: service({ ipv4 }) }))).toEqual(expected);
  });

  it.each([
    ["255.255.255.255", "192.0.2.77/32"],
    ["255.255.254.0", "192.0.2.0/23"],
    ["128.0.0.0", "128.0.0.0/1"],
    ["0.0.0.0", "0.0.0.0/0"],
  ])("has for the netmask %s the subnet %s", (netmask, subnet) => {
    const ipv4 = { address: "192.0.2.77", netmask };
    expect(plan4(session({ service: service({ ipv4 }) }))[0]).toBe(`256: ${subnet} dev eth0`);
  });
});

describe("the rules of a session", () => {
  it.each<[string, Partial<SessionRoute>, string[]]>([
    ["a user's", { owner: { uid: 1000 } }, [OWNER_RULE]],
    ["a group's", { owner: { gid: 1000 } }, [OWNER_RULE]],
    ["an address's", { owner: undefined, sourceIPRule: true }, ["from 192.0.2.77 lookup 256 priority 20001"]],
    ["a user's for an address", { sourceIPRule: true }, [OWNER_RULE]],
    ["nobody's", { owner: undefined }, []],
    ["one without service", { service: undefined }, []],
    ["one without address", { owner: undefined, sourceIPRule: true, service: service({ ipv4: {} }) }, []],
  ])("are: %s", (_whose, change, expected) => {
    expect(planRouting([session(change)]).ipv4.rules).toEqual(expected);
  });
});

describe("the marks of sessions", () => {
  /** What the sets and maps of the firewall hold, where they hold something. */
  const held = (...sessions: readonly SessionRoute[]): Record<string, string> =>
    Object.fromEntries(
      planRouting(sessions)
        .firewall.split("\n")
        .flatMap((line) => {
          const [, name, elements] = /^\t(?:set|map) (\w+) .*elements = \{ (.*) \};/.exec(line) ?? [];
          return name === undefined || elements === undefined ? [] : [[name, elements]];
        }),
    );
  const only4 = service({ ipv6: {} });

  it("are given by owner, newest session last, and go out with the address of the service", () => {
    expect(
      held(
        session({ mark: 256, owner: { uid: 1000 }, service: only4 }),
        session({ mark: 258, owner: { uid: 1000 } }),
        session({ mark: 257, owner: { gid: 100 }, service: only4, sourceIPRule: true }),
      ),
    ).toEqual({
      sessions: "256, 258, 257",
      users: "1000 : 258",
      groups: "100 : 257",
      group_sources4: "100 . 192.0.2.77 : 257",
      reaching4: "256, 258, 257",
      homes4: "256 . 192.0.2.77, 258 . 192.0.2.77, 257 . 192.0.2.77",
      outlets4: '256 . "eth0" . 192.0.2.77, 258 . "eth0" . 192.0.2.77, 257 . "eth0" . 192.0.2.77',
      translations4: '256 . "eth0" : 192.0.2.77, 258 . "eth0" : 192.0.2.77, 257 . "eth0" : 192.0.2.77',
      reaching6: "258",
      homes6: "258 . 2001:db8::7",
      outlets6: '258 . "eth0" . 2001:db8::7',
      translations6: '258 . "eth0" : 2001:db8::7',
    });
  });

  it("need no firewall where traffic is known by its address", () => {
    expect(planRouting([session({ owner: undefined, sourceIPRule: true })]).firewall).toBe("");
  });
});

describe("a plan", () => {
  it.each<[string, Partial<SessionRoute>]>([
    ["mark", { mark: 255 }],
    ["mark", { mark: 2 ** 32 }],
    ["mark", { mark: 256.5 }],
    ["uid", { owner: { uid: -1 } }],
    ["gid", { owner: { gid: Number.NaN } }],
    ["interface", { service: service({ interface: "eth0 onlink" }) }],
    ["interface", { service: service({ interface: 'a"; flush ruleset' }) }],
    ["interface", { service: service({ interface: "-batch" }) }],
    ["interface", { service: service({ interface: "sixteen-letters-" }) }],
    ["IPv4 address", { service: service({ ipv4: { address: "192.0.2.7\nrule flush" } }) }],
    ["IPv4 address", { service: service({ ipv4: { address: "192.0.2.7", gateway: "gateway" } }) }],
    ["netmask", { service: service({ ipv4: { address: "192.0.2.7", netmask: "255.0.255.0" } }) }],
    ["IPv6 address", { service: service({ ipv6: { address: "fe80::1%eth0; x" } }) }],
    ["prefix length", { service: service({ ipv6: { address: "2001:db8::1", prefixLength: 129 } }) }],
  ])("refuses what is no %s: %j", (what, change) => {
    expect(() => planRouting([session(change)])).toThrow(new RegExp(`^cannot lead traffic: .* is no ${what}$`));
  });
});

describe("the way from one plan to another", () => {
  const none = planRouting([]);
  const elsewhere = service({ interface: "wlan0", ipv4: { address: "10.0.0.2", netmask: "255.0.0.0" } });
  const difference = (from: readonly SessionRoute[], to: readonly SessionRoute[]) =>
    routingBatches(planRouting(from).ipv4, planRouting(to).ipv4);

  it("makes routes before rules, and removes rules before routes", () => {
    expect(difference([], [session()])).toEqual({
      add: [
        "route replace 192.0.2.64/26 table 256 dev eth0 protocol 213",
        "route replace default table 256 via 192.0.2.65 dev eth0 onlink protocol 213",
        "route replace unreachable default table 256 metric 4000000000 protocol 213",
        `rule add ${OWNER_RULE} protocol 213`,
      ],
      remove: [],
    });
    expect(difference([session()], [])).toEqual({
      add: [],
      remove: [`rule del ${OWNER_RULE} protocol 213`, "route flush table 256 protocol 213"],
    });
  });

  it("leads a session that moves elsewhere before it takes the old way back", () => {
    expect(difference([session()], [session({ service: elsewhere })])).toEqual({
      add: [
        "route replace 10.0.0.0/8 table 256 dev wlan0 protocol 213",
        "route replace default table 256 dev wlan0 protocol 213",
      ],
      remove: ["route flush table 256 type unicast exact 192.0.2.64/26"],
    });
  });

  it("takes the default route back where there is none any more", () => {
    const { remove } = difference([session()], [session({ service: service({ ipv4: {} }) })]);
    expect(remove).toEqual([
      "route flush table 256 type unicast exact 192.0.2.64/26",
      "route flush table 256 type unicast exact default",
    ]);
  });

  it("is nothing between equal plans", () => {
    expect(difference([session()], [session()])).toEqual({ add: [], remove: [] });
    expect(routingBatches(none.ipv6, none.ipv6)).toEqual({ add: [], remove: [] });
  });
});
