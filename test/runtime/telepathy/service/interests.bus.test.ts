import { connect } from "@dbus-codegen-ts/runtime";
import { expect, test } from "vitest";
import { until } from "../test-manager.ts";
import { connectScripted, LOCATION, MAIL } from "./connected-connection.ts";

test("undeclared tokens of any number and length are ignored, and 100,000 registrations count once [S23]", async () => {
  await using fixture = await connectScripted();
  const add = (tokens: readonly string[]) => fixture.client.addClientInterest(tokens);
  const many = Array.from({ length: 50_000 }, (_, index) => `org.example.Token${index}`);
  await add(many);
  await add(["x".repeat(2 ** 20)]);
  await fixture.client.removeClientInterest(many);
  expect(fixture.log).toEqual(["connect"]);
  const same = Array.from({ length: 4000 }, () => LOCATION);
  for (let call = 0; call < 25; call++) await add(same);
  expect(fixture.log).toEqual(["connect", `+${LOCATION}`]);
  for (let call = 0; call < 25; call++) await fixture.client.removeClientInterest(same);
  expect(fixture.log).toEqual(["connect", `+${LOCATION}`, `-${LOCATION}`]);
});

test("removing an interest that was not registered has no effect, also on other clients [S24]", async () => {
  await using fixture = await connectScripted();
  await using other = await connect({ bus: fixture.setup.daemon.address });
  await fixture.client.removeClientInterest([LOCATION, LOCATION, "org.example.Unknown", ""]);
  await fixture.client.addClientInterest([LOCATION]);
  await fixture.connectionOf(other).removeClientInterest([LOCATION, LOCATION]);
  expect(fixture.log).toEqual(["connect", `+${LOCATION}`]);
  await fixture.client.removeClientInterest([LOCATION, LOCATION, LOCATION]);
  await fixture.client.addClientInterest([LOCATION]);
  expect(fixture.log.slice(2)).toEqual([`-${LOCATION}`, `+${LOCATION}`]);
});

test("a client's interests end when it leaves the bus, and the last client's interest ends the reporting [S25]", async () => {
  await using fixture = await connectScripted();
  const [first, second] = await Promise.all([
    connect({ bus: fixture.setup.daemon.address }),
    connect({ bus: fixture.setup.daemon.address }),
  ]);
  await fixture.connectionOf(first).addClientInterest([LOCATION, LOCATION, MAIL]);
  await fixture.connectionOf(second).addClientInterest([LOCATION]);
  await first.close();
  await until("interest in mail has ended", () => fixture.log.includes(`-${MAIL}`));
  expect(fixture.log).not.toContain(`-${LOCATION}`);
  await second.close();
  await until("interest in the location has ended", () => fixture.log.includes(`-${LOCATION}`));
  expect(fixture.log.slice(1).sort()).toEqual([`+${LOCATION}`, `+${MAIL}`, `-${LOCATION}`, `-${MAIL}`].sort());
});

test("the interests of a client end if it leaves before its departure can be watched [S25]", async () => {
  for (let round = 0; round < 20; round++) {
    await using fixture = await connectScripted();
    const client = await connect({ bus: fixture.setup.daemon.address });
    const registered = fixture.connectionOf(client).addClientInterest([LOCATION]);
    registered.catch(() => undefined);
    await client.close();
    await until("the interest has ended", () => fixture.log.includes(`-${LOCATION}`));
    expect(fixture.log.filter((entry) => entry.endsWith(LOCATION))).toEqual([`+${LOCATION}`, `-${LOCATION}`]);
  }
});
