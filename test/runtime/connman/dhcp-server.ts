import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { endsWithUs } from "../../reliability/support.ts";
import type { Namespace } from "./namespaces.ts";

const DHCP_SERVER = "/usr/sbin/dnsmasq";
/**
 * Makes Linux compute the checksums of packets that leave an interface. Without this, packets between veth interfaces
 * have no checksum, and ConnMan's DHCP client, which reads raw packets, drops them.
 */
const CHECKSUMS_ON = `
import array, fcntl, socket, struct, sys
SIOCETHTOOL, ETHTOOL_STXCSUM = 0x8946, 0x17
off = array.array("B", struct.pack("II", ETHTOOL_STXCSUM, 0))
request = struct.pack("16sP", sys.argv[1].encode(), off.buffer_info()[0])
fcntl.ioctl(socket.socket(), SIOCETHTOOL, request)
`;

/** Returns the reason why no DHCP server can be run; undefined if it can. */
export function whyNoDhcp(): string | undefined {
  return existsSync(DHCP_SERVER) ? undefined : `not installed: ${DHCP_SERVER} of the package dnsmasq-base`;
}

/** The lease that a DHCP server gives to its only client. */
export interface DhcpLease {
  /** Interface of the server. */
  readonly interface: string;
  /** Address of the client. */
  readonly address: string;
  readonly router: string;
  /** File in which the server stores the lease. */
  readonly leases: string;
}

/** Starts a DHCP server in a namespace. The server ends with this process at the latest. */
export async function startDhcpServer(namespace: Namespace, lease: DhcpLease): Promise<ChildProcess> {
  const { interface: name, address, router, leases } = lease;
  await namespace.run("/usr/bin/python3", "-c", CHECKSUMS_ON, name);
  const flags = [
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--port=0",
    `--interface=${name}`,
    "--bind-interfaces",
    "--dhcp-authoritative",
    `--dhcp-range=${address},${address},120`,
    `--dhcp-option=option:router,${router}`,
    `--dhcp-leasefile=${leases}`,
    "--user=root",
    "--log-facility=/dev/null",
    "--pid-file=",
  ];
  const command = ["netns", "exec", namespace.name, DHCP_SERVER, ...flags];
  return endsWithUs(spawn("ip", command, { stdio: ["ignore", "ignore", "inherit"] }));
}
