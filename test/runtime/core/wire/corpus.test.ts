import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { Deframer } from "../../../../runtime/core/wire/deframer.ts";
import { MalformedMessageError, MissingDescriptorError } from "../../../../runtime/core/wire/errors.ts";
import { decodeBody } from "../../../../runtime/core/wire/message.ts";

const CORPUS = new URL("../../../../../shared/corpus/messages/mutated-500.jsonl", import.meta.url);

/** "ok", or why the runtime refuses a message. Any other error than the documented ones escapes. */
function verdict(bytes: Uint8Array): string {
  try {
    // libdbus reads from a stream too: bytes after the message are the next one.
    const [message] = new Deframer().split(bytes);
    if (message === undefined) return "incomplete";
    decodeBody(message, bodyCodec(message.signature));
    return "ok";
  } catch (error) {
    if (error instanceof MissingDescriptorError) return "ok";
    if (error instanceof MalformedMessageError) return error.message;
    throw error;
  }
}

describe.skipIf(!existsSync(CORPUS))(
  "500 mutated messages (skipped where the corpus is not beside the repository)",
  () => {
    test("are accepted and refused as libdbus does", () => {
      const cases = readFileSync(CORPUS, "utf8")
        .trim()
        .split("\n")
        .map((line): Case => JSON.parse(line));
      const differing = cases.flatMap(({ hex, libdbus }) => {
        const ours = verdict(Buffer.from(hex, "hex"));
        return (ours === "ok") === (libdbus === "ok") ? [] : [{ hex, libdbus, ours }];
      });
      expect(cases.length).toBe(500);
      expect(differing).toEqual([]);
    });
  },
);

interface Case {
  readonly hex: string;
  readonly libdbus: string;
}
