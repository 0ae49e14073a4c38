import { expect, test } from "vitest";
import { type MonitorLine, parseMonitorLine } from "../../../../../runtime/connman/adapters/linux/monitor-line.ts";
import { mayRequireRepair } from "../../../../../runtime/connman/adapters/routing/linux/ip-batch.ts";

const other: MonitorLine = { type: "other" };
const continuation: MonitorLine = { type: "continuation" };
const added = (table: number): MonitorLine => ({ type: "route", route: { table, isRemoval: false } });
const lost = (index: number): MonitorLine => ({ type: "noCarrier", index });
const removed = (table: number): MonitorLine => ({ type: "route", route: { table, isRemoval: true } });

/**
 * Lines of `ip monitor`, the events that they report, and whether the events may require a repair of routes in table
 * 256.
 */
const LINES: readonly (readonly [string, MonitorLine, boolean])[] = [
  ["[LINK]2: wan-a@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group 0 ", other, true],
  [
    "[LINK]2: wan-a@if2: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state LOWERLAYERDOWN group 0 ",
    lost(2),
    true,
  ],
  ["[LINK]3: a:<LOWER_UP>: <NO-CARRIER,UP> mtu 1500 qdisc noop state DOWN group 0 ", lost(3), true],
  ["[LINK]3: wlan0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DORMANT group 0 ", other, true],
  ["[LINK]12: eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN group 0 ", other, true],
  ["[LINK]Deleted 3: eth0: <NO-CARRIER,UP> mtu 1500 qdisc noop state DOWN group 0 ", other, true],
  ["[LINK]3: eth0: <NO-CARRIER,UP> mtu 1500", other, true],
  ["    link/ether 02:09:dd:10:28:c7 brd ff:ff:ff:ff:ff:ff link-netns side", continuation, false],
  ["[ADDR]Deleted 2: wan-a    inet 10.0.1.2/24 scope 0 wan-a", other, true],
  ["       valid_lft forever preferred_lft forever", continuation, false],
  ["[ROUTE]default via 10.0.1.1 dev wan-a metric 100 ", added(254), true],
  ["[ROUTE]Deleted 10.0.1.0/24 dev wan-a proto 2 scope 253 src 10.0.1.2 ", removed(254), true],
  ["[ROUTE]local 10.0.1.2 dev wan-a table 255 proto 2 scope 254 src 10.0.1.2 ", added(255), false],
  ["[ROUTE]default via 10.0.1.1 dev wan-a table 256 proto 213 onlink ", added(256), false],
  ["[ROUTE]unreachable default table 256 proto 213 metric 4000000000 ", added(256), false],
  [
    "[ROUTE]Deleted default via 2001:db8::1 dev wan-a table 256 proto 213 metric 1024 onlink pref 0",
    removed(256),
    true,
  ],
  ["[ROUTE]Deleted default dev wan-a table 257 proto 213 metric 1024 pref 0", removed(257), false],
  ["[ROUTE]10.10.0.0/16 table 300 ", added(300), false],
  ["\tnexthop via 10.0.1.1 dev wan-a weight 1 ", continuation, false],
  ["[ROUTE]default via 10.0.1.1 dev table metric 100 ", added(254), true],
  ["[ROUTE]default dev table table 256 proto 213 ", added(256), false],
  ["[ROUTE]default dev wan-a table office proto 213 ", other, true],
  ["[ROUTE]default dev wan-a table", added(254), true],
  ["default dev wan-a table 256", other, true],
  ["[NEXTHOP]id 1 dev wan-a", other, true],
  ["", other, true],
];

test.each(LINES)("%j", (line, expected, isRepairExpected) => {
  const event = parseMonitorLine(line);
  expect(event).toEqual(expected);
  const isRepair =
    event.type === "other" ||
    event.type === "noCarrier" ||
    (event.type === "route" && mayRequireRepair(event.route, new Set([256])));
  expect(isRepair).toBe(isRepairExpected);
});
