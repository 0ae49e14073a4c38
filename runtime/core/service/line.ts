import type { BusPort } from "../bus/port.ts";
import type { ErrorHook } from "../hooks.ts";
import type { RefuseHook } from "./refusal.ts";

/** A connection to the bus, from its beginning to its loss. */
export interface Line {
  readonly bus: BusPort;
  readonly onError: ErrorHook;
  readonly refuse: RefuseHook | undefined;
  /** Those who called are gone; on the next connection their names may stand for others. */
  isLost: boolean;
}
