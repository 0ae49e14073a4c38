import { describe, expect, test } from "vitest";
import { Variant } from "../../../../runtime/core/index.ts";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import { described } from "../fixtures/raw-peer.ts";
import { PATH, PROPERTIES, startVault, VAULT } from "../fixtures/service-bus.ts";

/** A path that overflows the stack of a regular expression with a repeated group. */
const LONG_PATH = "/a".repeat(2 ** 22);
const LONG_TEXT = "\u0001".repeat(2 ** 22);
const TOO_LARGE =
  "LimitsExceeded: the call has more than 134217728 bytes, or takes more than 67108864 bytes, or 4194304 more than twice its length, when decoded, or has a path or key of more than 65536 bytes";

describe("a message with a long text", () => {
  test.each([
    ["a call to a long path", { path: LONG_PATH }, "", [], [TOO_LARGE]],
    [
      "Ping at a long path",
      { path: LONG_PATH, interface: "org.freedesktop.DBus.Peer", member: "Ping" },
      "",
      [],
      [TOO_LARGE],
    ],
    ["a signal from a long path", { type: MessageType.Signal, path: LONG_PATH }, "", [], []],
    ["a long path as an argument", {}, "o", [LONG_PATH], [`InvalidArgs: ${VAULT}.Open takes "s", got "o"`]],
    [
      "a long path in a variant",
      { interface: PROPERTIES, member: "Set" },
      "ssv",
      [VAULT, "Label", new Variant("o", LONG_PATH)],
      ['InvalidArgs: Label has type "s", got "o"'],
    ],
  ])("%s gets one short reply, and the service answers later calls", async (_, header, signature, values, expected) => {
    const { raw, bus } = await startVault();
    const call = { destination: bus.uniqueName, path: PATH, interface: VAULT, member: "Open", ...header };
    const replies = await raw.exchange(call, signature, values);
    expect(replies.map(described)).toEqual(expected);
  });

  test("a long name of a property is quoted only at its beginning", async () => {
    const { raw, bus } = await startVault();
    const call = { destination: bus.uniqueName, path: PATH, interface: PROPERTIES, member: "Get" };
    const [reply] = await raw.exchange(call, "ss", [VAULT, LONG_TEXT]);
    expect(reply?.bytes.length).toBeLessThan(1024);
  });
});
