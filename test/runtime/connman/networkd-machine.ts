import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CABLES, type NetworkProgram } from "./machine.ts";
import { whyNoNamespaces } from "./namespaces.ts";

const PROGRAM = "/lib/systemd/systemd-networkd";

/** Returns the reason why systemd-networkd cannot be run; undefined if it can. */
export function whyNoNetworkd(): string | undefined {
  return whyNoNamespaces() ?? (existsSync(PROGRAM) ? undefined : `not installed: ${PROGRAM} (systemd)`);
}

/** The program systemd-networkd, with a configuration that gives both cables fixed addresses. */
export const NETWORKD: NetworkProgram = {
  busName: "org.freedesktop.network1",
  async prepare(folder) {
    const networks = join(folder, "run/systemd/network");
    await mkdir(networks, { recursive: true });
    for (const state of ["netif/links", "netif/leases", "netif/lldp"]) {
      await mkdir(join(folder, "run/systemd", state), { recursive: true });
    }
    // systemd-networkd runs as a separate user.
    for (const name of ["", "run", "run/systemd", "run/systemd/network"]) await chmod(join(folder, name), 0o755);
    for (const name of ["", "/links", "/leases", "/lldp"]) await chmod(join(folder, `run/systemd/netif${name}`), 0o777);
    for (const { interface: name, network, metric } of Object.values(CABLES)) {
      await writeFile(
        join(networks, `${name}.network`),
        `[Match]
Name=${name}
[Network]
Address=${network}.2/24
LinkLocalAddressing=no
[Route]
Gateway=${network}.1
Metric=${metric}
`,
      );
    }
  },
  command: () => [PROGRAM],
};
