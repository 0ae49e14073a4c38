// Creates and destroys sessions, and measures what remains: npm run reliability -- session-churn [sessions]
import { fileURLToPath } from "node:url";
import { type Clock, SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { SessionClient } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { startPrivateBus } from "../setup/private-bus.ts";

/** Result of a run: what was created and what remains. */
export interface ChurnReport {
  /** Number of received Updates. `durationMs` is the time for all of them. */
  readonly updates: number;
  readonly durationMs: number;
  /** Bytes of the heap at the beginning and after each tenth of the sessions. */
  readonly heaps: readonly number[];
  /** What the service keeps after all sessions are destroyed. */
  readonly left: {
    readonly sessions: number;
    readonly timers: number;
    readonly exports: readonly string[];
    readonly pendingCalls: number;
    readonly matchRules: number;
    readonly listeners: number;
  };
}

const TENTHS = 10;
const APPLICATIONS = 32;
const DESTINATION = { destination: "net.connman" };

/** Settings of the dialect of 2011 that use timers. */
const SETTINGS = {
  extra: {
    AvoidHandover: new Variant("b", true),
    PeriodicConnect: new Variant("u", 1),
    IdleTimeout: new Variant("u", 3600),
  },
};

/** The system clock, with a count of its timers. */
class CountedClock implements Clock {
  readonly timers = new Set<NodeJS.Timeout>();

  nowMs(): number {
    return performance.now();
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      callback();
    }, delayMs);
    this.timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.timers.delete(timer);
    };
  }
}

class CountedUpdates extends NotificationService {
  count = 0;
  update(): void {
    this.count++;
  }
  release(): void {}
}

/** Creates, connects and destroys a number of sessions, 32 at a time, each with separate timers. */
export async function churn(sessions: number): Promise<ChurnReport> {
  await using daemon = await startPrivateBus();
  await using service = await connect({ bus: daemon.address });
  const clock = new CountedClock();
  await using network = new SimulatedNetwork([{ id: "cable", bearer: "ethernet", state: "online" }]);
  await using server = await serveSessions(service, { network, dialect: "session-2011", clock });
  await using bus = await connect({ bus: daemon.address });
  const notification = new CountedUpdates();
  for (let number = 0; number < APPLICATIONS; number++) await bus.serve(`/n${number}`, notification);
  const heaps = [heap()];
  const part = Math.ceil(sessions / TENTHS);
  const start = performance.now();
  for (let done = 0; done < sessions; done += part) {
    await createAndDestroy(bus, Math.min(part, sessions - done));
    heaps.push(heap());
  }
  const durationMs = performance.now() - start;
  const left = {
    sessions: server.sessions,
    timers: clock.timers.size,
    exports: await exportsOf(bus),
    ...service.usage,
  };
  return { updates: notification.count, durationMs, heaps, left };
}

async function createAndDestroy(bus: Bus, sessions: number): Promise<void> {
  const manager = new ManagerClient(bus, { ...DESTINATION, path: "/" });
  let started = 0;
  const application = async (_: unknown, number: number): Promise<void> => {
    while (started++ < sessions) {
      const path = await manager.createSession(SETTINGS, `/n${number}`);
      const session = new SessionClient(bus, { ...DESTINATION, path });
      await session.connect();
      if (started % 2) await session.destroy();
      else await manager.destroySession(path);
    }
  };
  await Promise.all(Array.from({ length: APPLICATIONS }, application));
}

/** Returns the names of the children of `/sessions` in its introspection data. */
async function exportsOf(bus: Bus): Promise<readonly string[]> {
  const call = { ...DESTINATION, path: "/sessions", interface: "org.freedesktop.DBus.Introspectable" };
  const [xml] = await bus.call({ ...call, member: "Introspect" });
  return [...String(xml).matchAll(/<node name="([^"]*)"/g)].map(([, name]) => name ?? "");
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sessions = Number(process.argv[2] ?? 1_000_000);
  const { updates, durationMs, heaps, left } = await churn(sessions);
  const middle = heaps[heaps.length >> 1] ?? Number.NaN;
  const growth = (heaps.at(-1) ?? Number.NaN) - middle;
  console.log(`${sessions} sessions in ${(durationMs / 1000).toFixed(1)} s, ${updates} Updates`);
  console.log(`heap after each tenth, MiB: ${heaps.map((bytes) => (bytes / 2 ** 20).toFixed(2)).join(" ")}`);
  console.log(`growth in the second half: ${growth} bytes, ${((growth / middle) * 100).toFixed(2)} %`);
  console.log(`left: ${JSON.stringify(left)}`);
}
