import { expect, test } from "vitest";
import { Variant } from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { killAndReturn } from "../../../reliability/kill-service.ts";
import { PATH, startServices, TARGET } from "../fixtures/client-services.ts";
import { Jukebox1, Jukebox1Client } from "../fixtures/jukebox.ts";
import { ErrorLog, Jukebox } from "../fixtures/services.ts";

test("a signal of another sender than the owner is not delivered, whether broadcast or unicast [C07]", async () => {
  const { open, serve } = await startServices();
  const { jukebox } = await serve();
  const bus = await open();
  const client = new Jukebox1Client(bus, TARGET);
  const received: string[] = [];
  await client.signals.trackChanged.subscribe((track) => received.push(track));
  await using _cache = await client.$cache();
  const forger = await open();
  const signal = { path: PATH, interface: Jukebox1.name, member: "TrackChanged", codec: bodyCodec("st") };
  const changed = { path: PATH, interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged" };
  const body = { codec: bodyCodec("sa{sv}as"), args: [Jukebox1.name, { Volume: new Variant("d", 0.666) }, []] };
  for (const destination of [undefined, bus.uniqueName]) {
    const to = destination === undefined ? {} : { destination };
    forger.emit({ ...signal, args: ["forged", 1n], ...to });
    forger.emit({ ...changed, ...body, ...to });
  }
  await forger.call({ destination: bus.uniqueName, path: "/", member: "Ping" });
  jukebox.signals.trackChanged("real", 1n);
  await client.stop();
  expect(received).toEqual(["real"]);
  expect(client.properties.volume.value).not.toBe(0.666);
  expect(bus.counters.drops.foreignSignal).toBe(2);
});

test("a signal of the owner of another well-known name is not delivered [C08]", async () => {
  const { open, serve } = await startServices();
  await serve();
  const other = await open();
  const impostor = new Jukebox();
  await other.serve(PATH, impostor);
  await other.requestName("org.example.Other");
  const bus = await open();
  const [mine, theirs] = [TARGET, { ...TARGET, destination: "org.example.Other" }].map((target) => {
    return new Jukebox1Client(bus, target);
  });
  const received: string[] = [];
  await mine?.signals.trackChanged.subscribe((track) => received.push(`mine ${track}`));
  await theirs?.signals.trackChanged.subscribe((track) => received.push(`theirs ${track}`));
  impostor.signals.trackChanged("a", 1n);
  await theirs?.stop();
  expect(received).toEqual(["theirs a"]);
});

test("a signal with another signature than declared is dropped and counted [C09]", async () => {
  const { open, serve } = await startServices();
  const { bus: service, jukebox } = await serve();
  const bus = await open();
  const client = new Jukebox1Client(bus, TARGET);
  const received: unknown[] = [];
  await client.signals.trackChanged.subscribe((...args) => received.push(args));
  const signal = { path: PATH, interface: Jukebox1.name, member: "TrackChanged" };
  service.emit({ ...signal, codec: bodyCodec("s"), args: ["short"] });
  service.emit({ ...signal, codec: bodyCodec("stu"), args: ["long", 1n, 1] });
  service.emit({ ...signal, codec: bodyCodec("su"), args: ["other", 1] });
  jukebox.signals.trackChanged("right", 1n);
  await client.stop();
  expect(received).toEqual([["right", 1n]]);
  expect(bus.counters.drops.wrongSignature).toBe(3);
});

test("signals that may be missed are reported, so that no program waits for them forever", async () => {
  const { open, serve } = await startServices();
  const { bus: service, jukebox } = await serve();
  const bus = await open({ quotas: { bytesPerMessage: 4096 } });
  const client = new Jukebox1Client(bus, TARGET);
  const events: string[] = [];
  const onMissed = (reason: Error): void => void events.push(`${reason.name}: ${reason.message}`);
  await client.signals.trackChanged.subscribe((track) => events.push(track.slice(0, 5)), { onMissed });
  jukebox.signals.trackChanged("right", 1n);
  const signal = { path: PATH, interface: Jukebox1.name, member: "TrackChanged" };
  service.emit({ ...signal, codec: bodyCodec("su"), args: ["other", 1] });
  jukebox.signals.trackChanged("x".repeat(10_000), 1n);
  jukebox.signals.trackChanged("again", 1n);
  await client.stop();
  const unreadable = "FailedError: cannot read TrackChanged of org.example.Clients";
  expect(events.splice(0)).toEqual(["right", unreadable, unreadable, "again"]);
  await service.releaseName(TARGET.destination);
  await expect.poll(() => events.splice(0)).toEqual(["NoReplyError: org.example.Clients has left the bus"]);
  await service.requestName(TARGET.destination);
  await client.stop();
  await bus.close();
  expect(events).toEqual(["DisconnectedError: the connection was closed by this side"]);
});

test("no signal is lost after each restart of a killed service [C11]", async () => {
  const returns = await killAndReturn(10);
  expect(returns.map(({ lost }) => lost)).toEqual(Array.from({ length: 10 }, () => 0));
});

test("a listener that throws or rejects does not affect others, and each error is reported once [C17]", async () => {
  const { open, serve } = await startServices();
  const { jukebox } = await serve();
  const log = new ErrorLog();
  const bus = await open({ onError: log.hook });
  const client = new Jukebox1Client(bus, TARGET);
  const received: unknown[] = [];
  const thrower = (): never => {
    throw new Error("thrown");
  };
  const rejecter = async (): Promise<void> => {
    throw new Error("rejected");
  };
  for (const listener of [thrower, rejecter, (value: unknown) => void received.push(value)]) {
    await client.signals.trackChanged.subscribe(listener);
    await client.properties.repeat.subscribe(listener);
  }
  jukebox.signals.trackChanged("a", 1n);
  await client.stop();
  expect(received).toEqual([0, "a"]);
  const reported = log.entries.map(({ error, origin }) => [error, origin.kind === "listener" && origin.member]);
  expect(reported).toHaveLength(4);
  expect(reported).toEqual(
    expect.arrayContaining([
      [new Error("thrown"), "TrackChanged"],
      [new Error("rejected"), "TrackChanged"],
      [new Error("thrown"), "Repeat"],
      [new Error("rejected"), "Repeat"],
    ]),
  );
});
