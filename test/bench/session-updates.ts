import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DIALECTS, type NetworkService } from "@dbus-codegen-ts/connman";
import { type Bus, connect, type Incoming } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { SessionClient, type SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { defaultSettings } from "../../runtime/connman/policy/requested-settings.ts";
import { SessionTable } from "../../runtime/connman/sessions/session-table.ts";
import { startPrivateBus } from "../setup/private-bus.ts";
import type { Answer, Order } from "./session-updates/service.ts";

const DEFAULT_SETTINGS = defaultSettings(DIALECTS["session-2017"]);

/**
 * Measures two things: the delivery of many changes of a simulated network to the sessions of one client, with the
 * service in a separate process; and single events of the session table. Arguments: [sessions] [cycles].
 */
const [sessions = 1000, cycles = 100] = process.argv.slice(2).map(Number);

/** Counts the Updates of all sessions, and records their last reported states. */
class Notifications extends NotificationService {
  readonly states = new Map<string, string>();
  #awaited = 0;
  #complete: () => void = () => undefined;

  update({ state }: SessionSettings, { path }: Incoming): void {
    if (state === undefined) return;
    this.states.set(path, state);
    if (--this.#awaited === 0) this.#complete();
  }

  release(): void {}

  /** Resolves when the sessions have received a number of Updates that contain a state. */
  await(updates: number): Promise<void> {
    this.#awaited = updates;
    return new Promise((resolve) => {
      this.#complete = resolve;
    });
  }
}

/** The process of the service. */
class Service {
  readonly #process: ChildProcess;

  constructor(address: string) {
    const program = fileURLToPath(new URL("session-updates/service.ts", import.meta.url));
    this.#process = spawn(process.execPath, ["--expose-gc", "--import", "tsx", program, address], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
  }

  async answer(): Promise<Answer> {
    const [message] = (await once(this.#process, "message")) as [Answer];
    return message;
  }

  order(order: Order): void {
    this.#process.send(order);
  }

  async memory(): Promise<Exclude<Answer, "ready">> {
    const answered = this.answer();
    this.order("memory");
    const answer = await answered;
    if (answer === "ready") throw new Error("the service answered out of turn");
    return answer;
  }

  stop(): void {
    this.#process.kill();
  }
}

/** Returns the milliseconds that an action takes. */
async function timed(action: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

const perSecond = (milliseconds: number): number => (sessions / milliseconds) * 1000;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

async function overTheBus(): Promise<void> {
  await using daemon = await startPrivateBus();
  const service = new Service(daemon.address);
  await service.answer();
  await using bus = await connect({ bus: daemon.address });
  const notifications = new Notifications();
  for (let index = 0; index < sessions; index++) await bus.serve(`/n/${index}`, notifications);
  await createAndDestroy(bus, notifications); // Warms up.
  const empty = await service.memory();
  const create = await createAndDestroy(bus, notifications, 3);
  await createAll(bus, notifications);
  const full = await service.memory();
  await cycle(service, notifications);
  const before = await service.memory();
  const times = { down: [] as number[], up: [] as number[] };
  for (let index = 0; index < cycles; index++) {
    const { down, up } = await cycle(service, notifications);
    times.down.push(down);
    times.up.push(up);
  }
  const after = await service.memory();
  const lost = [...notifications.states.values()].filter((state) => state !== "online").length;
  service.stop();
  console.log(`${sessions} sessions of one client, Node ${process.version}; median of ${cycles} cycles`);
  report("create", create);
  report("down", median(times.down));
  report("up", median(times.up));
  console.log(`memory of the service: ${((full.heap - empty.heap) / sessions).toFixed(0)} bytes of heap per session`);
  const growth = after.heap - before.heap;
  console.log(
    `${cycles} cycles: ${lost} sessions with a wrong state, heap ${before.heap} -> ${after.heap} (${growth})`,
  );
  const cpu = (after.cpu - before.cpu) / cycles / sessions / 2;
  console.log(`CPU of the service: ${(cpu * 1000).toFixed(1)} µs per Update`);
}

function report(event: string, milliseconds: number): void {
  console.log(`${event.padEnd(7)} ${perSecond(milliseconds).toFixed(0).padStart(7)}/s`);
}

async function createAll(bus: Bus, notifications: Notifications): Promise<readonly string[]> {
  const manager = new ManagerClient(bus, { destination: "net.connman", path: "/" });
  const updated = notifications.await(sessions);
  const paths = await Promise.all(
    Array.from({ length: sessions }, (_, index) => manager.createSession({}, `/n/${index}`)),
  );
  await updated;
  return paths;
}

/**
 * Creates and destroys all sessions. Returns the median of the milliseconds from the first call until each session has
 * received its first Update.
 */
async function createAndDestroy(bus: Bus, notifications: Notifications, rounds = 1): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let paths: readonly string[] = [];
    times.push(
      await timed(async () => {
        paths = await createAll(bus, notifications);
      }),
    );
    const gone = notifications.await(sessions);
    await Promise.all(paths.map((path) => new SessionClient(bus, { destination: "net.connman", path }).destroy()));
    await gone;
  }
  return median(times);
}

/** Takes the link down and up. Returns for each change the milliseconds until the last Update has arrived. */
async function cycle(service: Service, notifications: Notifications): Promise<{ down: number; up: number }> {
  const change = (order: Order): Promise<number> =>
    timed(async () => {
      const updated = notifications.await(sessions);
      service.order(order);
      await updated;
    });
  return { down: await change("down"), up: await change("up") };
}

/** Measures an event of the session table that affects only the sessions of one interface. */
function costPerEvent(all: number, interfaces: number): { affected: number; microseconds: number } {
  const table = new SessionTable(DIALECTS["session-2017"]);
  let services = Array.from({ length: interfaces }, (_, index) => serviceOn(index));
  table.updateServices(services);
  for (let index = 0; index < all; index++) {
    const settings = { ...DEFAULT_SETTINGS, allowedInterface: `eth${index % interfaces}` };
    table.reportFirst(table.create(`/${index}`, ":1.1", settings));
  }
  table.takeEffects();
  const change = (state: "idle" | "online"): number => {
    services = services.map((service, index) => (index === 0 ? { ...service, state } : service));
    table.updateServices(services);
    return table.takeEffects().updates.length;
  };
  for (let round = 0; round < 50; round++) change(round % 2 === 0 ? "idle" : "online");
  const rounds = 200;
  const start = performance.now();
  let affected = 0;
  for (let round = 0; round < rounds; round++) affected += change(round % 2 === 0 ? "idle" : "online");
  return { affected: affected / rounds, microseconds: ((performance.now() - start) * 1000) / rounds };
}

function serviceOn(index: number): NetworkService {
  const name = `eth${index}`;
  const always = {
    ipv4: {},
    ipv6: {},
    autoConnect: true,
    roaming: "home",
    bearer: "ethernet",
    state: "online",
  } as const;
  return { id: name, name, interface: name, ...always };
}

await overTheBus();
console.log("an event of the session table:");
for (const all of [1000, 10_000]) {
  for (const interfaces of [20, all / 50]) {
    const { affected, microseconds } = costPerEvent(all, interfaces);
    const each = (microseconds / affected).toFixed(2);
    console.log(
      `  ${all} sessions, ${interfaces} services, ${affected} affected: ${microseconds.toFixed(0)} µs, ${each} µs each`,
    );
  }
}
