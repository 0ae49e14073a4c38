import { get } from "node:http";
import type { NetworkService } from "../../../policy/service.ts";

/** How it is found out whether a service reaches the internet. */
export interface OnlineCheck {
  /** An `http:` address that answers with status 200, and by itself only where nobody stands in between. */
  readonly url: string;
  /** What the answer must have in its header. */
  readonly header: { readonly name: string; readonly value: string };
}

/** The check that ConnMan makes. */
export const CONNMAN_ONLINE_CHECK: OnlineCheck = {
  url: "http://ipv4.connman.net/online/status.html",
  header: { name: "X-ConnMan-Status", value: "online" },
};

/** Milliseconds until an answer must be there. */
const TIMEOUT = 10_000;

/** Asks from the address of a service. Never rejects: no answer is one, too. */
export function isOnline(check: OnlineCheck, service: NetworkService, signal: AbortSignal): Promise<boolean> {
  const ipv4 = service.ipv4.address;
  const localAddress = ipv4 ?? service.ipv6.address;
  if (localAddress === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const request = get(check.url, {
      localAddress,
      family: ipv4 === undefined ? 6 : 4,
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    });
    request.on("response", (answer) => {
      const { name, value } = check.header;
      resolve(answer.statusCode === 200 && answer.headers[name.toLowerCase()] === value);
      answer.destroy();
    });
    request.on("error", () => resolve(false));
  });
}
