import { connect } from "@dbus-codegen-ts/runtime";
import { expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";

test("connections that leave the bus are reported; a new connection causes no message, and a released name no call", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address });
  const left: string[] = [];
  const subscription = await bus.watchDepartures((name) => left.push(name));
  const roundTrip = (): Promise<unknown> =>
    bus.call({ destination: "org.freedesktop.DBus", path: "/", interface: "org.freedesktop.DBus", member: "GetId" });
  const before = bus.counters.messagesIn;
  const clients = await Promise.all(Array.from({ length: 5 }, () => connect({ bus: daemon.address })));
  const [first, second] = clients;
  await first?.requestName("org.example.Name");
  await roundTrip();
  expect(bus.counters.messagesIn).toBe(before + 1);
  await first?.releaseName("org.example.Name");
  await first?.close();
  await until("the departure is reported", () => left.length > 0);
  expect(left).toEqual([first?.uniqueName]);
  await subscription.close();
  await second?.close();
  await roundTrip();
  expect(left).toHaveLength(1);
  for (const client of clients) await client.close();
});
