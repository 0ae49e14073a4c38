import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import { MalformedMessageError } from "../../../../runtime/core/wire/errors.ts";
import { decodeBody } from "../../../../runtime/core/wire/message.ts";

/**
 * Mutated messages of `test/fuzz/messages.ts` without file descriptors, with the verdicts of libdbus that
 * `test/data/regenerate-verdicts.py` computes.
 */
const VERDICTS = new URL("../../../data/messages/libdbus-verdicts.json", import.meta.url);

/** Returns "ok", or the reason why the runtime refuses a message. Throws any undocumented error. */
function verdict(bytes: Uint8Array): string {
  try {
    // libdbus reads from a stream too: bytes after the message are the next one.
    const [message] = new Deframer().split(bytes);
    if (message === undefined) return "incomplete";
    decodeBody(message, bodyCodec(message.signature));
    return "ok";
  } catch (error) {
    if (error instanceof MalformedMessageError) return error.message;
    throw error;
  }
}

test("500 mutated messages are accepted and refused as libdbus does", () => {
  const cases: readonly (readonly [hex: string, libdbus: string])[] = JSON.parse(readFileSync(VERDICTS, "utf8"));
  const differing = cases.flatMap(([hex, libdbus]) => {
    const ours = verdict(Buffer.from(hex, "hex"));
    return (ours === "ok") === (libdbus === "ok") ? [] : [{ hex, libdbus, ours }];
  });
  const accepted = cases.filter(([, libdbus]) => libdbus === "ok").length;
  expect([cases.length, Math.min(accepted, cases.length - accepted) > 100]).toEqual([500, true]);
  expect(differing).toEqual([]);
});
