import { lookup } from "node:dns/promises";
import { get } from "node:http";
import type { CheckPath, CheckRoutes } from "./check-routes.ts";

/** An HTTP request that shows whether a service reaches the Internet. */
export interface OnlineCheck {
  /** An `http:` URL. Its response has status 200, unless a captive portal intercepts the request. */
  readonly url: string;
  /** URL to use instead for services with IPv6. Default: `url`. */
  readonly ipv6Url?: string;
  /** Header that the response must have. */
  readonly header: { readonly name: string; readonly value: string };
}

/** The online check that ConnMan makes. */
export const CONNMAN_ONLINE_CHECK: OnlineCheck = {
  url: "http://ipv4.connman.net/online/status.html",
  ipv6Url: "http://ipv6.connman.net/online/status.html",
  header: { name: "X-ConnMan-Status", value: "online" },
};

const TIMEOUT_MS = 10_000;

/**
 * Returns whether an HTTP request over one interface succeeds. The system resolves the name of the server, possibly
 * over another interface.
 *
 * @returns false if there is no correct response within 10 seconds.
 * @throws CommandError if the route over the interface cannot be added.
 */
export async function isOnline(
  check: OnlineCheck,
  path: CheckPath,
  routes: CheckRoutes,
  signal: AbortSignal,
): Promise<boolean> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const url = new URL(path.family === 6 ? (check.ipv6Url ?? check.url) : check.url);
  const server = await addressOf(url.hostname, path.family, limited);
  if (server === undefined || limited.aborted) return false;
  const close = await routes.open(path, server);
  try {
    return await request(check, url, { server, localAddress: path.address }, limited);
  } finally {
    await close();
  }
}

/**
 * Returns the first address of a host; undefined if the host has no address of the family, or if the signal is aborted
 * first.
 */
async function addressOf(host: string, family: 4 | 6, signal: AbortSignal): Promise<string | undefined> {
  const isAborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const found = lookup(host.replace(/^\[|\]$/g, ""), { family }).catch(() => undefined);
  const result = await Promise.race([found, isAborted]);
  return result?.family === family ? result.address : undefined;
}

interface Endpoints {
  readonly server: string;
  readonly localAddress: string;
}

function request(
  { header }: OnlineCheck,
  { host, port, pathname, search }: URL,
  { server, localAddress }: Endpoints,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = get({
      host: server,
      port: port === "" ? 80 : Number(port),
      path: `${pathname}${search}`,
      headers: { Host: host },
      localAddress,
      agent: false,
      signal,
    });
    sent.on("response", (response) => {
      resolve(response.statusCode === 200 && response.headers[header.name.toLowerCase()] === header.value);
      response.destroy();
    });
    sent.on("error", () => resolve(false));
  });
}
