import { expect, onTestFinished, test, vi } from "vitest";
import { DIALECTS } from "../../../runtime/connman/policy/dialects.ts";
import { warmUp } from "../../../runtime/connman/warm-up.ts";
import { onDiagnostic } from "../../reliability/support.ts";

test.each(Object.values(DIALECTS).map(({ name }) => name))(
  "the sessions of the warm-up are created, updated twice and ended in %s",
  async (dialect) => {
    const counts: Record<string, number> = {};
    onTestFinished(
      onDiagnostic("dbus-codegen:message", ({ direction, header }) => {
        const kind = header.member ?? header.errorName ?? "reply";
        if (direction === "out") counts[kind] = (counts[kind] ?? 0) + 1;
      }),
    );
    const onError = vi.fn();
    await warmUp(dialect, onError);
    expect(onError).not.toHaveBeenCalled();
    // Signals of the service and the manager are sent, too.
    expect(counts).toMatchObject({ reply: 256, Update: 512 });
    expect(Object.keys(counts).filter((kind) => kind.includes("Error"))).toEqual([]);
  },
);
