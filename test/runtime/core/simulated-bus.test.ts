import { SimulatedBus, type SimulatedCall } from "@dbus-codegen-ts/runtime/simulated-bus";
import { expect, onTestFinished, test, vi } from "vitest";
import { onDiagnostic } from "../../reliability/support.ts";

const PEER = "org.freedesktop.DBus.Peer";
const call = (member: string, other: Partial<SimulatedCall> = {}): SimulatedCall => {
  return { sender: ":1.7", destination: "org.example", path: "/", interface: PEER, member, ...other };
};

/** Each row: calls that arrive at the same time, and their replies. */
const CALLS: readonly (readonly [string, readonly SimulatedCall[], readonly string[]])[] = [
  ["no call", [], []],
  ["a call", [call("Ping")], [":1.7 done"]],
  ["calls of several clients", [call("Ping"), call("Ping", { sender: ":1.8" })], [":1.7 done", ":1.8 done"]],
  ["an unknown method", [call("Jump")], [":1.7 org.freedesktop.DBus.Error.UnknownMethod"]],
  ["wrong arguments", [call("Ping", { signature: "s", args: ["x"] })], [":1.7 org.freedesktop.DBus.Error.InvalidArgs"]],
];

test.each(CALLS)("replies to %s", async (_name, calls, expected) => {
  const replies: string[] = [];
  onTestFinished(
    onDiagnostic("dbus-codegen:message", ({ direction, header }) => {
      if (direction === "out") replies.push(`${header.destination} ${header.errorName ?? "done"}`);
    }),
  );
  const onError = vi.fn();
  await using simulated = new SimulatedBus(onError);
  await simulated.receive(calls);
  expect(replies).toEqual(expected);
  expect(onError).not.toHaveBeenCalled();
});

test("a name can be owned, other connections exist until they leave, and all ends with the connection", async () => {
  const simulated = new SimulatedBus(vi.fn());
  const name = await simulated.bus.requestName("org.example");
  expect(name.state).toBe("owner");
  const owners: unknown[] = [];
  await simulated.bus.watchName(":1.9", (owner) => owners.push(owner));
  expect(owners).toEqual([":1.9"]);
  const left: string[] = [];
  await simulated.bus.watchDepartures((client) => left.push(client));
  simulated.leave(":1.9");
  expect([left, owners]).toEqual([[":1.9"], [":1.9", undefined]]);
  await simulated[Symbol.asyncDispose]();
  await expect(simulated.receive([call("Ping")])).resolves.toBeUndefined();
  await expect(simulated.receive([call("not a name")])).rejects.toThrow("a member name");
});
