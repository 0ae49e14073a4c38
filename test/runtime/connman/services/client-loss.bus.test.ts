import { once } from "node:events";
import { SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { connect } from "@dbus-codegen-ts/runtime";
import { describe, expect, test } from "vitest";
import { CrashingBus, nextLine, until } from "../../../reliability/support.ts";
import { keep } from "../disposables.ts";
import { UndecidedAuthorizer } from "../session-helpers.ts";
import { App, CABLE, DIALECT_NAMES, refusal, Stage, startProgram, TestClock, transcript } from "../support.ts";

const DOWN = { state: "idle" } as const;
const UP = { state: "online" } as const;

describe("an application whose process is killed [S13]", () => {
  test.each(DIALECT_NAMES)("%s: its sessions end, others continue", async (dialect) => {
    const clock = new TestClock();
    const stage = keep(await Stage.open({ dialect, clock }));
    const bystander = await (await stage.app()).create();
    const victim = startProgram("application", stage.address, "200");
    await nextLine(victim);
    expect(stage.server.sessions).toBe(201);
    const monitor = await stage.watch();
    bystander.takeUpdates();
    victim.kill("SIGKILL");
    await until("its sessions are gone", () => stage.server.sessions === 1);
    await stage.settled();
    const lines = transcript(monitor.messages, stage.bus);
    // Only the dialect of ConnMan sends Updates to a client that has left. Release is never sent.
    expect(lines.filter((line) => !line.includes("Update State Name"))).toEqual([]);
    expect(lines).toHaveLength(dialect === "connman-1.41" ? 200 : 0);
    expect(bystander.takeUpdates()).toEqual([]);
    expect([clock.timers, stage.errors]).toEqual([0, []]);
  });

  test("no timer of its settings remains", async () => {
    const clock = new TestClock();
    const stage = keep(await Stage.open({ dialect: "session-2011", clock }));
    const app = await stage.app();
    await app.create({ AvoidHandover: true, PeriodicConnect: 5, IdleTimeout: 60 });
    expect(clock.timers).toBe(2);
    await app.leave();
    await until("its session is gone", () => stage.server.sessions === 0);
    expect(clock.timers).toBe(0);
  });

  test("a service that was brought up for it alone is taken down", async () => {
    const stage = keep(await Stage.open({ services: [{ ...CABLE, state: "idle" }] }));
    const app = await stage.app();
    const session = await app.create();
    await session.connect();
    await until("it is online", () => session.status === "ethernet online");
    await app.leave();
    await until("the cable is down", () => stage.network.services[0]?.state === "idle");
  });

  test("a client that leaves during the authorization of its session gets none", async () => {
    let decide: (allowed: boolean) => void = () => undefined;
    const decision = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    let isGone: AbortSignal | undefined;
    const authorize = (_action: string, { signal }: { readonly signal: AbortSignal }): Promise<boolean> => {
      isGone = signal;
      return decision;
    };
    const stage = keep(await Stage.open({ dialect: "session-2011", authorizer: { authorize } }));
    const app = await stage.app();
    void app.create({ RoamingPolicy: "always" }).catch(() => undefined);
    await until("the authorizer is called", () => isGone !== undefined);
    await app.leave();
    await until("the service knows that it has left", () => isGone?.aborted === true);
    decide(true);
    await stage.settled();
    expect(stage.server.sessions).toBe(0);
  });
});

describe("a restart of the bus, after which unique names are reused [S14]", () => {
  test.each(DIALECT_NAMES)("%s: a client with the same unique name gets no session of before", async (dialect) => {
    const daemon = keep(await CrashingBus.start());
    const reconnect = { minDelay: 5, maxDelay: 50 };
    const bus = keep(await connect({ bus: daemon.address, reconnect }));
    const server = keep(await serveSessions(bus, { network: new SimulatedNetwork([CABLE]), dialect }));
    const before = new App(keep(await connect({ bus: daemon.address })));
    const session = await before.create();
    await session.connect();
    await daemon.crash();
    await until("the sessions are gone", () => server.sessions === 0);
    await daemon.restart();
    await until("the service is back", () => bus.counters.reconnects === 1);
    const after = new App(keep(await connectAs(daemon.address, before.bus.uniqueName)));
    const served = after.at(session.path);
    expect(await refusal(served.connect())).toBe("UnknownObject");
    expect(await refusal(after.destroy(session.path))).toBe("InvalidArguments");
    const created = await after.create();
    expect(created.path).toBe(session.path);
    await until("it has received all settings", () => created.status === "ethernet online");
    expect(server.sessions).toBe(1);
  });

  test("a call from before the restart creates no session for a client with the same unique name", async () => {
    const daemon = keep(await CrashingBus.start());
    const bus = keep(await connect({ bus: daemon.address, reconnect: { minDelay: 5, maxDelay: 50 } }));
    const authorizer = new UndecidedAuthorizer();
    const options = { dialect: "session-2011", authorizer } as const;
    const server = keep(await serveSessions(bus, { network: new SimulatedNetwork([CABLE]), ...options }));
    const before = new App(keep(await connect({ bus: daemon.address })));
    void before.create({ RoamingPolicy: "always" }).catch(() => undefined);
    await authorizer.called();
    await daemon.crash();
    await daemon.restart();
    await until("the service is back", () => bus.counters.reconnects === 1);
    const after = new App(keep(await connectAs(daemon.address, before.bus.uniqueName)));
    authorizer.decide(true);
    expect(await refusal(after.destroy("/sessions"))).toBe("InvalidArguments");
    expect(server.sessions).toBe(0);
  });

  /** Opens connections until the bus assigns the given unique name. Returns that connection. */
  async function connectAs(address: string, uniqueName: string) {
    for (let number = 0; number < 10; number++) {
      const bus = await connect({ bus: address });
      if (bus.uniqueName === uniqueName) return bus;
      await bus.close();
    }
    throw new Error(`no connection has the name ${uniqueName}`);
  }
});

test("an application that crashes at an Update: its sessions end, others receive all Updates [S18]", async () => {
  const stage = keep(await Stage.open());
  const crashing = startProgram("application", stage.address, "100", "crashes");
  await nextLine(crashing);
  const bystander = await (await stage.app()).create();
  await stage.settled();
  bystander.takeUpdates();
  stage.network.change("cable", DOWN);
  await once(crashing, "exit");
  await until("its sessions are gone", () => stage.server.sessions === 1);
  stage.network.change("cable", UP);
  await stage.settled();
  expect(bystander.takeUpdates()).toMatchObject([{ State: "disconnected" }, { State: "online" }]);
  expect([stage.errors, stage.bus.usage.pendingCalls]).toEqual([[], 0]);
});
