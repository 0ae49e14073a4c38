import { irc } from "./irc/irc.ts";
import { loopback } from "./loopback/loopback.ts";
import type { Protocol } from "./protocol.ts";

/** The protocols that the connection manager of this package can speak, the default first. */
export const PROTOCOLS: readonly Protocol[] = [loopback, irc];
