import { expect, onTestFinished, test } from "vitest";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";
import { warmUpConnections } from "../../../../runtime/telepathy/service/warm-up.ts";
import { onDiagnostic } from "../../../reliability/support.ts";

const METHOD_CALL = 1;
const METHOD_RETURN = 2;
const ERROR = 3;
const HANDLE_METHODS = ["InspectHandles", "RequestHandles"];

test.each([
  ["telepathy-1-2012", ["AddClientInterest", ...HANDLE_METHODS]],
  ["telepathy-1-2013", ["AddClientInterest"]],
  ["telepathy-0", ["AddClientInterest", ...HANDLE_METHODS]],
] as const)("before a program serves %s, the frequent methods are called, each successfully", async (name, methods) => {
  const calls: (string | undefined)[] = [];
  const sent = { [METHOD_RETURN]: 0, [ERROR]: 0 };
  onTestFinished(
    onDiagnostic("dbus-codegen:message", ({ direction, header: { type, member } }) => {
      if (direction === "in" && type === METHOD_CALL) calls.push(member);
      if (direction === "out" && (type === METHOD_RETURN || type === ERROR)) sent[type]++;
    }),
  );
  const errors: unknown[] = [];
  await warmUpConnections(DIALECTS[name], {
    onError: (error) => errors.push(error),
    // A real flag would affect all tests in this process.
    setFlag: () => undefined,
  });
  expect([...new Set(calls)].toSorted()).toEqual(methods);
  expect(sent).toEqual({ [METHOD_RETURN]: calls.length, [ERROR]: 0 });
  expect(errors).toEqual([]);
});
