import type { Bus, ObjectPath } from "@dbus-codegen-ts/runtime";
import { type RequestClients, RequestFailedError, type RequestOptions, request } from "./request.ts";
import { PortalSession } from "./session.ts";

/** The tokens of a call that creates both a Request object and a session. */
export interface SessionTokens {
  readonly handleToken: string;
  readonly sessionHandleToken: string;
}

/**
 * Makes a request whose result is a session.
 *
 * @throws The errors of `request`.
 */
export function requestSession<R extends { readonly sessionHandle?: string }>(
  bus: Bus,
  clients: RequestClients<R>,
  start: (tokens: SessionTokens) => Promise<ObjectPath>,
  wait?: RequestOptions,
): Promise<PortalSession> {
  return PortalSession.create(bus, async (sessionHandleToken) => {
    const { sessionHandle } = await request(
      bus,
      clients,
      (handleToken) => start({ handleToken, sessionHandleToken }),
      wait,
    );
    if (sessionHandle === undefined) throw new RequestFailedError("the response contains no session");
    return sessionHandle;
  });
}
