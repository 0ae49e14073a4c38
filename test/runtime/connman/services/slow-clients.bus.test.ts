import { CONNMAN_NAME, SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { connect, type Incoming } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import type { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { describe, expect, test } from "vitest";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import { nextLine, until } from "../../../reliability/support.ts";
import { block } from "../../../setup/block.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { RawPeer } from "../../core/fixtures/raw-peer.ts";
import { keep } from "../disposables.ts";
import { App, CABLE, type Session, Stage, startProgram } from "../support.ts";

const DOWN = { state: "idle" } as const;
const UP = { state: "online" } as const;

describe("an application that does not read its Updates [S17]", () => {
  test("has no notifier, replies with errors or not at all: others receive all Updates", async () => {
    const stage = keep(await Stage.open());
    const rude = keep(await RawPeer.connect(stage.address));
    const create = { destination: CONNMAN_NAME, path: "/", interface: "net.connman.Manager", member: "CreateSession" };
    await rude.exchange(create, "a{sv}o", [{}, "/nowhere"]);
    const polite = await (await stage.app()).create();
    await stage.settled();
    for (let time = 0; time < 50; time++) {
      stage.network.change("cable", time % 2 ? UP : DOWN);
      await stage.settled();
      for (const { type, serial, sender = "" } of rude.received.splice(0)) {
        if (type !== MessageType.MethodCall || time % 3 === 0) continue;
        const error = {
          type: MessageType.Error,
          errorName: "org.example.No",
          destination: sender,
          replySerial: serial,
        };
        rude.send(error, "s", ["there is no such object"]);
      }
    }
    await stage.settled();
    expect(polite.received).toHaveLength(51);
    expect(stage.bus.usage.pendingCalls).toBe(0);
    expect([stage.errors, stage.server.sessions]).toEqual([[], 2]);
  });

  test("is stopped: its waiting Updates are limited, and it receives the final state", async () => {
    const stage = keep(await Stage.open());
    const slow = startProgram("application", stage.address, "500");
    const destination = await nextLine(slow);
    const app = await stage.app();
    const polite = await app.create();
    await stage.settled();
    slow.kill("SIGSTOP");
    const sent = stage.bus.counters.messagesOut;
    for (let time = 0; time < 61; time++) {
      stage.network.change("cable", time % 2 ? UP : DOWN);
      await app.properties();
    }
    await stage.settled();
    // Of the 30,500 Updates for the slow client, 1,000 were sent. Each call and change causes a reply, an Update and a
    // few signals.
    expect(stage.bus.counters.messagesOut - sent).toBeLessThan(1000 + 8 * 61);
    expect(polite.status).toBe("disconnected");
    slow.kill("SIGCONT");
    await until("it has read", () => stage.bus.usage.pendingCalls === 0);
    await stage.bus.call({ destination, path: "/", interface: "org.freedesktop.DBus.Peer", member: "Ping" });
    slow.stdin?.write("\n");
    expect(JSON.parse(await nextLine(slow))).toEqual(Array.from({ length: 500 }, () => "disconnected"));
    slow.kill("SIGKILL");
  });

  test("is slow and has more sessions than its quota of calls: none of its Updates is refused", async () => {
    const stage = keep(await Stage.open());
    const app = await stage.app();
    const states = new Map<string, string | undefined>();
    class Slow extends NotificationService {
      update({ state }: SessionSettings, { path }: Incoming): void {
        block(0.5);
        states.set(path, state);
      }
      release(): void {}
    }
    const slow = new Slow();
    // More than the client's quota of calls, 1,024.
    const count = 1500;
    for (let number = 0; number < count; number++) {
      await app.bus.serve(`/s${number}`, slow);
      await app.callCreate({}, `/s${number}`);
    }
    await until("all have received their settings", () => states.size === count);
    states.clear();
    stage.network.change("cable", DOWN);
    await until("all have received their settings", () => states.size === count);
    expect(new Set(states.values())).toEqual(new Set(["disconnected"]));
  });

  test("the bus accepts no more messages: all applications receive the final state", async () => {
    const daemon = keep(await startPrivateBus());
    const bus = keep(await connect({ bus: daemon.address, quotas: { queuedBytes: 20_000 } }));
    const network = new SimulatedNetwork([CABLE]);
    const errors: unknown[] = [];
    keep(await serveSessions(bus, { network, onError: (error) => errors.push(error) }));
    const app = new App(keep(await connect({ bus: daemon.address })));
    const sessions: Session[] = [];
    for (let number = 0; number < 500; number++) sessions.push(await app.create());
    const manager = new ManagerClient(app.bus, { destination: CONNMAN_NAME, path: "/" });
    const states: unknown[] = [];
    await manager.signals.propertyChanged.subscribe((_name, { value }) => states.push(value));
    process.kill(daemon.pid, "SIGSTOP");
    try {
      for (let time = 0; time < 61; time++) {
        network.change("cable", time % 2 ? UP : DOWN);
        await new Promise(setImmediate);
      }
    } finally {
      process.kill(daemon.pid, "SIGCONT");
    }
    await until("all know", () => sessions.every(({ status }) => status === "disconnected"));
    await until("the state of the machine is known", () => states.at(-1) === "idle");
    // Most of the 62 Updates of each session were merged, because the bus did not accept them.
    expect(sessions.reduce((sum, { received }) => sum + received.length, 0)).toBeLessThan(500 * 31);
    expect(errors).toEqual([]);
  });
});
