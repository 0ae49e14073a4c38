import { describe, expect, test } from "vitest";
import { Variant } from "../../../runtime/core/index.ts";
import { countInSteps, needsCount } from "../../../runtime/core/message-quota.ts";
import { DEFAULT_QUOTAS } from "../../../runtime/core/quotas.ts";
import { bodyCodec } from "../../../runtime/core/wire/arguments-codec.ts";
import { decodeMessage, encodeMessage, type Message } from "../../../runtime/core/wire/message.ts";
import { Writer } from "../../../runtime/core/wire/writer.ts";
import { callWithBody, LARGE_BODIES } from "../../reliability/large-bodies.ts";

const MIB = 2 ** 20;

/** Returns whether a message is refused because of the memory of its arguments. */
function isRefused(message: Message, quotas = DEFAULT_QUOTAS): boolean {
  if (!needsCount(message, quotas)) return false;
  const steps = countInSteps(message, quotas);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value === undefined;
  }
}

function messageOf(signature: string, value: unknown): Message {
  const writer = new Writer();
  encodeMessage(writer, { type: 1, flags: 0, serial: 1, path: "/", member: "M" }, bodyCodec(signature), [value]);
  return decodeMessage(writer.copyBytes());
}

describe("the largest message that is accepted, in MiB", () => {
  test.each([
    ["one byte array", 63],
    ["one string", 63],
    ["32-bit numbers", 31],
    ["short strings", 4],
    ["dictionary of strings", 1.9],
    ["dictionary of dictionaries", 1.9],
    ["64-bit numbers", 1.9],
    ["arrays of one string", 1],
    ["empty arrays of strings", 0.5],
    ["empty dictionaries", 0.5],
    ["structs of a byte", 0.5],
    ["variants of bytes", 0.25],
    ["nested variants", 0.25],
    ["short byte arrays", 0.125],
    ["dictionaries of a numbered key", 0.125],
  ])("%s: %d", (name, size) => {
    const body = LARGE_BODIES.find((candidate) => candidate.name === name);
    if (body === undefined) throw new Error(`there is no body ${name}`);
    const message = (length: number): Message => decodeMessage(callWithBody(1, ":1.2", body, body.make(length)));
    expect(isRefused(message(size * MIB))).toBe(false);
    if (size < 63) expect(isRefused(message((size < 31 ? 2 * size : 33) * MIB))).toBe(true);
  });
});

const device = (index: number): Record<string, Variant> => ({
  Name: new Variant("s", `device number ${index}`),
  Powered: new Variant("b", true),
  Signal: new Variant("n", -index % 100),
  Adapter: new Variant("o", "/org/example/adapter0"),
});

test.each([
  [
    "managed objects",
    "a{oa{sa{sv}}}",
    new Map(
      Array.from({ length: 10_000 }, (_, index) => [
        `/org/example/device${index}`,
        { "org.freedesktop.DBus.Properties": {}, "org.example.Device1": device(index) },
      ]),
    ),
  ],
  [
    "services",
    "a(oa{sv})",
    Array.from({ length: 10_000 }, (_, index) => [`/org/example/device${index}`, device(index)]),
  ],
  [
    "texts by key",
    "a{ss}",
    Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key number ${index}`, "value"])),
  ],
])("a large message that services send is accepted: %s", (_, signature, value) => {
  expect(isRefused(messageOf(signature, value))).toBe(false);
});
