import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { withStatusLine } from "../../../../generator/cli/run/status-line.ts";
import { Shell, type Surroundings } from "../../../../generator/cli/shell.ts";

const ERASE = "\r\u001B[K";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Returns a shell that records its standard error. */
function fakeShell(terminal?: Surroundings["errorTerminal"]): { readonly shell: Shell; readonly err: string[] } {
  const err: string[] = [];
  const shell = new Shell({
    cwd: "/",
    writeOutput: () => {
      throw new Error("the status line must not be written to standard output");
    },
    writeError: (text) => void err.push(text),
    colorError: false,
    errorTerminal: terminal,
    stdin: async function* () {},
  });
  return { shell, err };
}

describe("a status line", () => {
  test("does not appear for a short task", async () => {
    const { shell, err } = fakeShell({ columns: 80 });
    const result = await withStatusLine(shell, async (step) => {
      step("reading");
      await vi.advanceTimersByTimeAsync(299);
      return "done";
    });
    expect(result).toBe("done");
    await vi.advanceTimersByTimeAsync(1000);
    expect(err).toEqual([]);
  });

  test("appears for a long task with its latest text, and is erased at the end", async () => {
    const { shell, err } = fakeShell({ columns: 80 });
    await withStatusLine(shell, async (step) => {
      step("reading");
      step("generating");
      await vi.advanceTimersByTimeAsync(400);
      step("comparing");
    });
    expect(err).toEqual([`${ERASE}generating`, `${ERASE}comparing`, ERASE]);
  });

  test("appears while a task blocks the thread, and is not written too often", async () => {
    const { shell, err } = fakeShell({ columns: 80 });
    // Time passes, but no timer runs.
    let elapsedMs = 0;
    vi.spyOn(performance, "now").mockImplementation(() => elapsedMs);
    await withStatusLine(shell, async (step) => {
      for (let module = 1; module <= 60; module++) {
        elapsedMs = module * 10;
        step(`module ${module}`);
      }
    });
    const drawn = [300, 350, 400, 450, 500, 550, 600].map((drawnMs) => `${ERASE}module ${drawnMs / 10}`);
    expect(err).toEqual([...drawn, ERASE]);
  });

  test("is erased before an error is reported, and is not wider than the terminal", async () => {
    const { shell, err } = fakeShell({ columns: 10 });
    const work = withStatusLine(shell, async (step) => {
      step("a long story of many words");
      await vi.advanceTimersByTimeAsync(400);
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(err).toEqual([`${ERASE}a long st`, ERASE]);
  });

  test("does not appear without a terminal", async () => {
    const { shell, err } = fakeShell();
    await withStatusLine(shell, async (step) => {
      step("reading");
      await vi.advanceTimersByTimeAsync(400);
    });
    expect(err).toEqual([]);
  });
});
