import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CONFIGURATION = `<busconfig>
  <listen>tcp:host=127.0.0.1,port=0</listen><auth>ANONYMOUS</auth><allow_anonymous/>
  <policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`;

/** Starts a message bus with a TCP socket, so that it does not know the processes of its clients. */
export async function startNetworkBus(): Promise<AsyncDisposable & { readonly address: string }> {
  const folder = await mkdtemp(join(tmpdir(), "network-bus-"));
  const config = join(folder, "bus.conf");
  await writeFile(config, CONFIGURATION);
  const daemon = spawn("dbus-daemon", [`--config-file=${config}`, "--nofork", "--nopidfile", "--print-address=1"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  process.once("exit", () => daemon.kill("SIGKILL"));
  const exited = once(daemon, "exit");
  const [address] = (await once(daemon.stdout, "data")) as [Buffer];
  return {
    address: address.toString().trim(),
    async [Symbol.asyncDispose]() {
      daemon.kill();
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
