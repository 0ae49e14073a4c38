import { expect, test } from "vitest";
import { SignatureCache } from "../../../../runtime/core/wire/signature-cache.ts";

test("a cache keeps what was added, and is emptied before its signatures have more than 16 Ki characters", () => {
  const cache = new SignatureCache<number>();
  let most = 0;
  for (let index = 0; index < 1000; index++) {
    if (index === 64) expect(cache.size).toBe(64);
    cache.add(`${index}`.padStart(255, "y"), index);
    most = Math.max(most, cache.size);
    expect(cache.get(`${index}`.padStart(255, "y"))).toBe(index);
  }
  expect(most).toBe(64);
  expect(cache.get("0".padStart(255, "y"))).toBeUndefined();
});

test("short signatures count as one character more, so that their number is limited, too", () => {
  const cache = new SignatureCache<number>();
  let most = 0;
  for (let index = 0; index < 10_000; index++) {
    cache.add(`${index}`, index);
    most = Math.max(most, cache.size);
  }
  expect(most).toBe(1000 + Math.floor((2 ** 14 - 10 * 2 - 90 * 3 - 900 * 4) / 5));
});
