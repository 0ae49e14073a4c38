import { debounce } from "@dbus-codegen-ts/runtime/async";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("debounce", () => {
  test("runs the action once, when no call has come for the quiet time", () => {
    const action = vi.fn();
    const debounced = debounce(action, { quietMs: 50 });
    for (let call = 0; call < 5; call++) {
      debounced();
      vi.advanceTimersByTime(49);
    }
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledOnce();
    debounced();
    vi.advanceTimersByTime(50);
    expect(action).toHaveBeenCalledTimes(2);
  });

  test("runs the action during a burst that exceeds the longest wait", () => {
    const action = vi.fn();
    const debounced = debounce(action, { quietMs: 50, maxWaitMs: 100 });
    for (let call = 0; call < 8; call++) {
      debounced();
      vi.advanceTimersByTime(30);
    }
    expect(action).toHaveBeenCalledTimes(2);
  });

  test("drops the action when it is cancelled", () => {
    const action = vi.fn();
    const debounced = debounce(action, { quietMs: 50 });
    debounced();
    debounced.cancel();
    vi.runAllTimers();
    expect(action).not.toHaveBeenCalled();
  });
});
