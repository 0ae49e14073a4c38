import { expect, test } from "vitest";
import { DAEMON, METHODS, SIGNALS } from "../../../../runtime/core/bus/bus-members.ts";
import { DBus } from "../../../../runtime/core/standard/org.freedesktop.DBus.ts";

const signatureOf = (args: readonly { readonly type: string }[]): string => args.map(({ type }) => type).join("");

test("the members of the bus that the runtime uses are those of the specification", () => {
  const methods = Object.values(DBus.methods).map(
    (method) => [method.name, { in: signatureOf(method.in), out: signatureOf(method.out) }] as const,
  );
  const signals = Object.values(DBus.signals).map(({ name, args }) => [name, signatureOf(args)] as const);
  expect(DBus.name).toBe(DAEMON);
  expect(Object.fromEntries(methods)).toMatchObject(METHODS);
  expect(Object.fromEntries(signals)).toMatchObject(SIGNALS);
});
