import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { connect, LimitsExceededError } from "../../../../runtime/core/index.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { NAME, PATH, VAULT } from "../fixtures/service-bus.ts";
import { Vault } from "../fixtures/vault.ts";

const GDBUS = "gdbus";

test("a subscriber that does not read does not block the service or other clients [S32]", async () => {
  await using small = await startPrivateBus({ limits: { max_outgoing_bytes: 20_000_000 } });
  await using service = await connect({ bus: small.address, quotas: { queuedBytes: 1_000_000 } });
  await using listener = await connect({ bus: small.address });
  const served = new Vault();
  await service.serve(PATH, served);
  await service.requestName(NAME);
  const slow = spawn(GDBUS, ["monitor", "--address", small.address, "--dest", NAME], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(slow.stdout, "data");
    let printed = "";
    slow.stdout.on("data", (text) => {
      printed += text;
    });
    await expect
      .poll(() => {
        served.signals.opened("first");
        return printed;
      })
      .toContain("first");
    slow.kill("SIGSTOP");
    let received = 0;
    await listener.listen({
      sender: NAME,
      path: PATH,
      interface: VAULT,
      member: "Opened",
      onSignal: () => received++,
    });
    const key = "x".repeat(100_000);
    let sent = 0;
    const flood = (): void => {
      for (; sent < 1000; sent++) served.signals.opened(key);
    };
    expect(flood).toThrow(LimitsExceededError);
    // The signals in a queue of 1 MB, the signal that exceeds the queue, and the signals that the kernel has taken.
    expect(sent).toBeLessThan(40);
    await service.drained;
    for (; sent < 1000; sent++) {
      served.signals.opened(key);
      if (sent % 5 === 0) await service.drained;
      if (sent % 50 === 0) await listener.call({ destination: NAME, path: PATH, interface: VAULT, member: "Look" });
    }
    await expect.poll(() => received).toBe(1000);
  } finally {
    slow.kill("SIGKILL");
  }
});
