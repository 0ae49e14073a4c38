import { CONNMAN_NAME } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import { churn } from "../../../reliability/session-churn.ts";
import { until } from "../../../reliability/support.ts";
import { RawPeer } from "../../core/fixtures/raw-peer.ts";
import { keep } from "../disposables.ts";
import { refusal, Stage } from "../support.ts";

describe("20,000 calls of CreateSession by one application [S21]", () => {
  test("fail beyond its quota, while another application is served", async () => {
    const stage = keep(await Stage.open());
    const flooder = keep(await RawPeer.connect(stage.address));
    const call = { destination: CONNMAN_NAME, path: "/", interface: "net.connman.Manager", member: "CreateSession" };
    globalThis.gc?.();
    const memory = process.memoryUsage().rss;
    const polite = await (await stage.app()).create();
    for (let sent = 0; sent < 20_000; ) {
      const flood = Array.from({ length: 1000 }, () => flooder.encode(call, "a{sv}o", [{}, `/f${sent++}`]).bytes);
      flooder.write(Buffer.concat(flood));
      // The call must complete although most calls of the flood wait.
      await polite.connect();
    }
    const answers = () => flooder.received.filter(({ type }) => type !== MessageType.MethodCall);
    await until("all are answered", () => answers().length === 20_000);
    expect(stage.server.sessions).toBeLessThanOrEqual(4097);
    expect(stage.server.sessions).toBeGreaterThan(1000);
    const refused = answers().filter(({ type }) => type === MessageType.Error);
    expect(new Set(refused.map(({ errorName }) => errorName))).toEqual(
      new Set(["org.freedesktop.DBus.Error.LimitsExceeded"]),
    );
    expect(process.memoryUsage().rss - memory).toBeLessThan(512 * 2 ** 20);
  });

  test("fail beyond the quota of one application and of all applications, until a session ends", async () => {
    const stage = keep(await Stage.open({ quotas: { sessionsPerClient: 2, sessions: 3 } }));
    const [first, second] = [await stage.app(), await stage.app()];
    const session = await first.create();
    await first.create();
    expect(await refusal(first.create())).toBe("LimitsExceeded");
    await second.create();
    expect(await refusal(second.create())).toBe("LimitsExceeded");
    await session.destroy();
    expect(await refusal(second.create())).toBe("done");
    expect(await refusal(first.create())).toBe("LimitsExceeded");
  });

  test("fail beyond the quota of one user, with any number of connections", async () => {
    const stage = keep(await Stage.open({ quotas: { sessionsPerUser: 3 } }));
    const apps = [];
    for (let number = 0; number < 17; number++) apps.push(await stage.app());
    const created = await Promise.all(apps.map((app) => refusal(app.create())));
    expect(created.sort()).toEqual([...Array.from({ length: 14 }, () => "LimitsExceeded"), "done", "done", "done"]);
    expect(stage.server.sessions).toBe(3);
    for (const app of apps) await app.leave();
    const next = await stage.app();
    await until("the sessions have ended", () => stage.server.sessions === 0);
    for (let number = 0; number < 3; number++) await next.create();
    expect(await refusal(next.create())).toBe("LimitsExceeded");
  });
});

test("1,500 sessions that are created and destroyed leave nothing behind [S22]", async () => {
  const report = await churn(1500);
  expect(report.left).toEqual({ sessions: 0, timers: 0, exports: [], pendingCalls: 0, matchRules: 1, listeners: 1 });
  expect(report.heaps).toHaveLength(11);
});

test("the calls that wait for an authorization are limited per client and per user", async () => {
  const pending: (() => void)[] = [];
  const authorize = (): Promise<boolean> => new Promise((allow) => pending.push(() => allow(true)));
  const stage = keep(await Stage.open({ dialect: "session-2011", authorizer: { authorize } }));
  const calls: Promise<string>[] = [];
  for (let number = 0; number < 6; number++) {
    const app = await stage.app();
    for (let call = 0; call < 5; call++) calls.push(refusal(app.create({ RoamingPolicy: "always" })));
  }
  await until("the authorizations are requested", () => pending.length === 16);
  const polite = await stage.app();
  expect(await refusal(polite.create())).toBe("done");
  for (const allow of pending) allow();
  const outcomes = await Promise.all(calls);
  expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(16);
  expect(outcomes.filter((outcome) => outcome === "LimitsExceeded")).toHaveLength(14);
  const later = refusal(polite.create({ RoamingPolicy: "always" }));
  await until("another authorization is requested", () => pending.length === 17);
  pending.at(-1)?.();
  expect(await later).toBe("done");
});
