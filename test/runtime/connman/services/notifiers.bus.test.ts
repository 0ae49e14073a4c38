import { CONNMAN_NAME } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { RawPeer } from "../../core/fixtures/raw-peer.ts";
import { keep } from "../disposables.ts";
import { DIALECT_NAMES, refusal, Stage } from "../support.ts";

describe("notifiers [S19]", () => {
  test.each(DIALECT_NAMES)(
    "%s: a path that another client uses, a session path, a duplicate, / and a long path",
    async (dialect) => {
      const stage = keep(await Stage.open({ dialect }));
      const [first, second] = [await stage.app(), await stage.app()];
      const session = await first.create({}, "/n");
      expect((await second.create({}, "/n")).path).not.toBe(session.path);
      const nested = await second.create({}, session.path);
      expect(nested.path).toBe(`/sessions/${second.bus.uniqueName.replaceAll(/[:.]/g, "_")}${session.path}`);
      expect(await refusal(first.callCreate({}, "/n"))).toBe("AlreadyExists");
      expect(await refusal(first.callCreate({}, "/"))).toBe("InvalidArguments");
      expect(await refusal(first.callCreate({}, `/${"x".repeat(1024)}`))).toBe("LimitsExceeded");
      expect(await refusal(first.callCreate({}, `/${"x".repeat(1023)}`))).toBe("done");
      await first.destroy(session.path);
      expect((await first.create({}, "/n/nested")).path).toBe(`${session.path}/nested`);
      expect(stage.server.sessions).toBe(4);
    },
  );

  test("an invalid path: the bus disconnects the caller, and the service receives nothing", async () => {
    const stage = keep(await Stage.open());
    const rude = await RawPeer.connect(stage.address);
    const call = { destination: CONNMAN_NAME, path: "/", interface: "net.connman.Manager", member: "CreateSession" };
    const owners: (string | undefined)[] = [];
    await (await stage.app()).bus.watchName(rude.uniqueName, (owner) => owners.push(owner));
    const received = stage.bus.counters.messagesIn;
    const { bytes } = rude.encode(call, "a{sv}o", [{}, "/good"]);
    rude.write(Buffer.from(Buffer.from(bytes).toString("latin1").replace("/good", "/bad/"), "latin1"));
    await until("it is disconnected", () => owners.at(-1) === undefined);
    expect(owners).toHaveLength(2);
    expect([stage.bus.counters.messagesIn, stage.server.sessions]).toEqual([received, 0]);
  });
});
