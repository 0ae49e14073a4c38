import { describe, expect, test } from "vitest";
import { InvalidValueError, Variant } from "../../../../runtime/core/index.ts";
import { client, describeCall, expectWorkingConnection, useSamplerConnection } from "../fixtures/sampler-connection.ts";

useSamplerConnection();

describe("rejects an argument that cannot be sent before anything is written, and keeps the connection [C19]", () => {
  const nest = (depth: number): Variant => new Variant(depth === 1 ? "y" : "v", depth === 1 ? 1 : nest(depth - 1));
  const INVALID: readonly (readonly [string, unknown])[] = [
    ["u", -1],
    ["y", 256],
    ["o", "no/path"],
    ["g", "("],
    ["v", nest(70)],
    ["s", "\ud800"],
    ["ay", "text"],
  ];
  test.each(INVALID)("%s %o", async (signature, value) => {
    const { messagesOut } = client.counters;
    await expect(client.call({ ...describeCall(), signature, args: [value] })).rejects.toBeInstanceOf(
      InvalidValueError,
    );
    expect(client.counters.messagesOut).toBe(messagesOut);
    await expectWorkingConnection();
  });
});
