import { describe, expect, it } from "vitest";
import { routingBatches } from "../../../../../../runtime/connman/adapters/routing/linux/ip-batch.ts";
import {
  type FamilyPlan,
  planRouting,
  type RoutingPlan,
} from "../../../../../../runtime/connman/adapters/routing/linux/routing-plan.ts";
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
  user: 1000,
  sourceIPRule: false,
  service: service(),
  ...change,
});
const lines = ({ routes, rules }: FamilyPlan): string[] => [
  ...routes.map(({ table, destination, nextHop }) => `${table}: ${destination} ${nextHop}`),
  ...rules,
];
const plan4 = (...sessions: readonly SessionRoute[]): string[] => lines(planRouting(sessions).ipv4);
const plan6 = (...sessions: readonly SessionRoute[]): string[] => lines(planRouting(sessions).ipv6);

/** Elements of the nonempty sets and maps of the firewall. */
const elementsOf = ({ firewall }: RoutingPlan): Record<string, string> =>
  Object.fromEntries(
    firewall.split("\n").flatMap((line) => {
      const [, name, elements] = /^\t(?:set|map) (\w+) .*elements = \{ (.*) \};/.exec(line) ?? [];
      return name === undefined || elements === undefined ? [] : [[name, elements]];
    }),
  );

const OWNER_RULE = "fwmark 256 lookup 256 priority 20000";
const SOURCE_RULE = "from 192.0.2.77 uidrange 1000-1000 lookup 256 priority 20001";
const UNREACHABLE = "256: unreachable default metric 4000000000";

describe("the routing table of a session", () => {
  it("has the subnet and the gateway of its service", () => {
    expect(plan4(session())).toEqual([
      "256: 192.0.2.64/26 dev eth0",
      "256: default via 192.0.2.65 dev eth0 onlink",
      UNREACHABLE,
      OWNER_RULE,
    ]);
    expect(plan6(session())).toEqual([
      "256: 2001:db8::7/64 dev eth0",
      "256: default via fe80::1 dev eth0 onlink",
      UNREACHABLE,
      OWNER_RULE,
    ]);
  });

  it.each([
    ["no gateway", { address: "192.0.2.77" }, ["256: default dev eth0", UNREACHABLE, OWNER_RULE]],
    ["no address", {}, [UNREACHABLE, OWNER_RULE]],
  ])("has no route over another service with %s", (_case, ipv4, expected) => {
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
    ["of a user", { owner: { uid: 1000 } }, [OWNER_RULE]],
    ["of a group", { owner: { gid: 1000 } }, [OWNER_RULE]],
    ["of an address", { owner: undefined, sourceIPRule: true }, [SOURCE_RULE]],
    ["of an address without user", { owner: undefined, user: undefined, sourceIPRule: true }, []],
    ["of a user with SourceIPRule", { sourceIPRule: true }, [OWNER_RULE]],
    ["without owner", { owner: undefined }, []],
    ["without service", { service: undefined }, []],
    ["without address", { owner: undefined, sourceIPRule: true, service: service({ ipv4: {} }) }, []],
  ])("exist for sessions %s", (_case, change, expected) => {
    expect(planRouting([session(change)]).ipv4.rules).toEqual(expected);
  });
});

describe("a session that blocks without service", () => {
  const blocking = (change: Partial<SessionRoute> = {}): SessionRoute =>
    session({ blocksWithoutService: true, ...change });
  const UNREACHABLE_USER = "uidrange 1000-1000 unreachable priority 20002";

  it.each<[string, readonly SessionRoute[], readonly string[]]>([
    ["a user without service", [blocking({ service: undefined })], [UNREACHABLE_USER]],
    ["a user with a service", [blocking()], [OWNER_RULE, "uidrange 1000-1000 lookup 256 priority 20002"]],
    [
      "a user with two sessions",
      [blocking(), blocking({ mark: 257 }), blocking({ mark: 258, service: undefined })],
      [OWNER_RULE, OWNER_RULE.replaceAll("256", "257"), "uidrange 1000-1000 lookup 257 priority 20002"],
    ],
    ["root", [blocking({ owner: { uid: 0 }, service: undefined })], []],
    ["a group", [blocking({ owner: { gid: 100 }, service: undefined })], []],
    ["a control group", [blocking({ owner: { uid: 1000, cgroup: "a/b" }, service: undefined })], []],
  ])("has a rule for packets without mark: %s", (_case, sessions, expected) => {
    const { ipv4, ipv6 } = planRouting(sessions);
    expect([ipv4.rules, ipv6.rules]).toEqual([expected, expected]);
  });

  it("is refused by the firewall, also beyond the quotas", () => {
    const sessions = [
      blocking({ service: undefined }),
      blocking({ mark: 257, owner: { gid: 100 } }),
      blocking({ mark: 258, owner: { uid: 7, cgroup: "system.slice/mail.service" } }),
    ];
    expect(elementsOf(planRouting(sessions, { routedSessions: 1, routedSessionsPerOwner: 1 }))).toMatchObject({
      sessions: "257",
      waiting: "256",
      confined_users: "1000",
      confined_groups: "100",
      confined_cgroups_2: '7 . "system.slice/mail.service"',
    });
  });
});

describe("sockets that are bound to an interface", () => {
  const on = (mark: number, name: string, change: Partial<SessionRoute> = {}): SessionRoute =>
    session({ mark, service: service({ id: name, interface: name }), ...change });
  const BOUND_RULE = "fwmark 257 oif eth0 lookup 256 priority 19998";
  const group = { owner: { gid: 100 } };
  const root = { owner: { uid: 0 }, blocksWithoutService: true };

  it.each<[string, readonly SessionRoute[], string | undefined, readonly string[]]>([
    ["an older session with another interface", [on(256, "eth0"), on(257, "eth1")], '257 . "eth0" : 256', [BOUND_RULE]],
    [
      "an older session of the group",
      [on(256, "eth0", group), on(257, "eth1", group)],
      '257 . "eth0" : 256',
      [BOUND_RULE],
    ],
    ["an older session with the same interface", [on(256, "eth0"), on(257, "eth0")], undefined, []],
    ["an older session of another owner", [on(256, "eth0", group), on(257, "eth1")], undefined, []],
    [
      "the newest of several older sessions with the interface",
      [on(256, "eth0"), on(257, "eth0"), on(258, "eth1")],
      '258 . "eth0" : 257',
      ["fwmark 258 oif eth0 lookup 257 priority 19998"],
    ],
    [
      "an older session of a confined user, also without mark",
      [on(256, "eth0", { blocksWithoutService: true }), on(257, "eth1")],
      '257 . "eth0" : 256',
      [BOUND_RULE, "uidrange 1000-1000 oif eth0 lookup 256 priority 19998"],
    ],
    ["an older session of root", [on(256, "eth0", root), on(257, "eth1", root)], '257 . "eth0" : 256', [BOUND_RULE]],
  ])("belong to %s", (_case, sessions, elements, expected) => {
    const plan = planRouting(sessions);
    expect(elementsOf(plan)["bound"]).toBe(elements);
    for (const { rules } of [plan.ipv4, plan.ipv6]) {
      expect(rules.filter((rule) => rule.includes(" oif "))).toEqual(expected);
    }
  });
});

describe("rules for source addresses", () => {
  const cellular = service({ id: "cellular_1", ipv4: { address: "198.51.100.7" } });
  const source = (mark: number, user: number, change: Partial<SessionRoute> = {}): SessionRoute =>
    session({ mark, owner: undefined, user, sourceIPRule: true, ...change });

  it("are shared by sessions of one user over one service; tables by all sessions over one service", () => {
    const { rules, routes } = planRouting([
      source(256, 1000),
      source(257, 1000),
      source(258, 1001),
      source(259, 1000, { service: cellular }),
      source(260, 1001, { service: cellular }),
    ]).ipv4;
    expect(rules).toEqual([
      SOURCE_RULE,
      "from 192.0.2.77 uidrange 1001-1001 lookup 256 priority 20001",
      "from 198.51.100.7 uidrange 1000-1000 lookup 259 priority 20001",
      "from 198.51.100.7 uidrange 1001-1001 lookup 259 priority 20001",
    ]);
    expect([...new Set(routes.map(({ table }) => table))]).toEqual([256, 259]);
  });
});

describe("quotas", () => {
  const many = (count: number, owner: (index: number) => SessionRoute["owner"], user?: number): SessionRoute[] =>
    Array.from({ length: count }, (_, index) =>
      session({
        mark: 256 + index,
        owner: owner(index),
        user: user ?? 1000 + index,
        sourceIPRule: true,
        service: service({ id: `service_${index}` }),
      }),
    );

  it.each([
    ["of one owner", many(100, () => ({ uid: 7 })), 64],
    ["of one group", many(100, () => ({ gid: 7 })), 64],
    ["without owner of one user", many(100, () => undefined, 7), 64],
    ["of many owners", many(2000, (index) => ({ uid: index })), 1024],
    ["without owner of many users", many(2000, () => undefined), 1024],
  ])("limit the routed sessions %s; the oldest are routed", (_case, sessions, expected) => {
    const { rules, routes } = planRouting(sessions).ipv4;
    expect(rules).toHaveLength(expected);
    expect(Math.max(...routes.map(({ table }) => table))).toBe(255 + expected);
  });

  it("leave no rule without its table", () => {
    const first = many(1, () => undefined, 7).map((route) => ({ ...route, mark: 1000 }));
    const others = many(3, () => undefined, 8).map((route) => ({ ...route, service: service({ id: "service_0" }) }));
    const { rules, routes } = planRouting([...first, ...others], { routedSessionsPerOwner: 1, routedSessions: 9 }).ipv4;
    for (const rule of rules) {
      expect(routes.map(({ table }) => `${table}`)).toContain(/lookup (\d+)/.exec(rule)?.[1]);
    }
  });
});

describe("the marks of sessions", () => {
  const only4 = service({ ipv6: {} });

  it("are set by owner, with the newest session last, and translate to the address of the service", () => {
    expect(
      elementsOf(
        planRouting([
          session({ mark: 256, owner: { uid: 1000 }, service: only4 }),
          session({ mark: 258, owner: { uid: 1000 } }),
          session({ mark: 257, owner: { gid: 100 }, service: only4, sourceIPRule: true }),
        ]),
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

  it("are set by user and control group, in a map for each level", () => {
    const sessions = [
      session({ mark: 256, owner: { uid: 1000, cgroup: "a" }, service: only4 }),
      session({ mark: 257, owner: { uid: 1000, cgroup: "a/b" }, service: only4 }),
      session({ mark: 258, owner: { uid: 1001, cgroup: "c/d\\x2de.scope" }, service: only4 }),
    ];
    const plan = planRouting(sessions, undefined, "unified/");
    expect(elementsOf(plan)).toMatchObject({
      cgroups_1: '1000 . "unified/a" : 256',
      cgroups_2: '1000 . "unified/a/b" : 257, 1001 . "unified/c/d\\x2de.scope" : 258',
    });
    expect(plan.firewall).toContain("meta mark set meta skuid . socket cgroupv2 level 2 map @cgroups_2");
  });

  it("need no firewall if traffic is selected by its address", () => {
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
    ["uid", { user: 1.5 }],
    ["uid", { owner: { uid: -1, cgroup: "a" } }],
    ["control group", { owner: { uid: 1, cgroup: "" } }],
    ["control group", { owner: { uid: 1, cgroup: "/a" } }],
    ["control group", { owner: { uid: 1, cgroup: "a/../b" } }],
    ["control group", { owner: { uid: 1, cgroup: 'a"; flush ruleset' } }],
    ["control group", { owner: { uid: 1, cgroup: "a\nb" } }],
    ["control group", { owner: { uid: 1, cgroup: "a".repeat(1025) } }],
    ["control group", { owner: { uid: 1, cgroup: `${"a/".repeat(32)}a` } }],
    ["mark", { mark: 1, service: undefined }],
    ["interface", { service: service({ interface: "eth0 onlink" }) }],
    ["interface", { service: service({ interface: 'a"; flush ruleset' }) }],
    ["interface", { service: service({ interface: "-batch" }) }],
    ["interface", { service: service({ interface: "sixteen-letters-" }) }],
    ["IPv4 address", { service: service({ ipv4: { address: "192.0.2.7\nrule flush" } }) }],
    ["IPv4 address", { service: service({ ipv4: { address: "192.0.2.7", gateway: "gateway" } }) }],
    ["netmask", { service: service({ ipv4: { address: "192.0.2.7", netmask: "255.0.255.0" } }) }],
    ["IPv6 address", { service: service({ ipv6: { address: "fe80::1%eth0; x" } }) }],
    ["prefix length", { service: service({ ipv6: { address: "2001:db8::1", prefixLength: 129 } }) }],
  ])("rejects an invalid %s: %j", (type, change) => {
    expect(() => planRouting([session(change)])).toThrow(
      new RegExp(`^cannot route traffic: .* is not a valid ${type}$`),
    );
  });
});

describe("the batches between two plans", () => {
  const none = planRouting([]);
  const wireless = service({ interface: "wlan0", ipv4: { address: "10.0.0.2", netmask: "255.0.0.0" } });
  const batches = (from: readonly SessionRoute[], to: readonly SessionRoute[]) =>
    routingBatches(planRouting(from).ipv4, planRouting(to).ipv4);

  it("add routes before rules, and remove rules before routes", () => {
    expect(batches([], [session()])).toEqual({
      add: [
        "route replace 192.0.2.64/26 table 256 dev eth0 protocol 213",
        "route replace default table 256 via 192.0.2.65 dev eth0 onlink protocol 213",
        "route replace unreachable default table 256 metric 4000000000 protocol 213",
        `rule add ${OWNER_RULE} protocol 213`,
      ],
      remove: [],
    });
    expect(batches([session()], [])).toEqual({
      add: [],
      remove: [`rule del ${OWNER_RULE} protocol 213`, "route flush table 256 protocol 213"],
    });
  });

  it("add the new route of a session before they remove the old one", () => {
    expect(batches([session()], [session({ service: wireless })])).toEqual({
      add: [
        "route replace 10.0.0.0/8 table 256 dev wlan0 protocol 213",
        "route replace default table 256 dev wlan0 protocol 213",
      ],
      remove: ["route flush table 256 type unicast exact 192.0.2.64/26"],
    });
  });

  it("remove a default route that no longer exists", () => {
    const { remove } = batches([session()], [session({ service: service({ ipv4: {} }) })]);
    expect(remove).toEqual([
      "route flush table 256 type unicast exact 192.0.2.64/26",
      "route flush table 256 type unicast exact default",
    ]);
  });

  it("are empty between equal plans", () => {
    expect(batches([session()], [session()])).toEqual({ add: [], remove: [] });
    expect(routingBatches(none.ipv6, none.ipv6)).toEqual({ add: [], remove: [] });
  });
});
