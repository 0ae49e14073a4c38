import { get } from "node:http";
import type { NetworkService } from "../../../policy/service.ts";

/** An HTTP request that shows whether a service reaches the Internet. */
export interface OnlineCheck {
  /** An `http:` URL whose response has status 200, unless a captive portal intercepts the request. */
  readonly url: string;
  /** Header that the response must have. */
  readonly header: { readonly name: string; readonly value: string };
}

/** The check of ConnMan. */
export const CONNMAN_ONLINE_CHECK: OnlineCheck = {
  url: "http://ipv4.connman.net/online/status.html",
  header: { name: "X-ConnMan-Status", value: "online" },
};

const TIMEOUT_MS = 10_000;

/** Returns whether a request from the address of a service succeeds. Never rejects: without a response it is false. */
export function isOnline(check: OnlineCheck, service: NetworkService, signal: AbortSignal): Promise<boolean> {
  const ipv4 = service.ipv4.address;
  const localAddress = ipv4 ?? service.ipv6.address;
  if (localAddress === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const request = get(check.url, {
      localAddress,
      family: ipv4 === undefined ? 6 : 4,
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    request.on("response", (response) => {
      const { name, value } = check.header;
      resolve(response.statusCode === 200 && response.headers[name.toLowerCase()] === value);
      response.destroy();
    });
    request.on("error", () => resolve(false));
  });
}
