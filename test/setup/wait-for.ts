import { vi } from "vitest";

/** Time after which an event that a test waits for counts as missing. On a busy machine, one second is not enough. */
const WAIT_TIMEOUT_MS = 60_000;

const waitFor = vi.waitFor;

vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === "number" ? options : { timeout: WAIT_TIMEOUT_MS, ...options });
