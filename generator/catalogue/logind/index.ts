import { closeSync } from "node:fs";
import type { InhibitorMode, ManagerClient } from "./generated/org.freedesktop.login1.Manager.ts";

/** Bus name and object path of logind's manager. */
export const MANAGER = { destination: "org.freedesktop.login1", path: "/org/freedesktop/login1" } as const;

/** An operation that can be inhibited. */
export type Inhibited =
  | "shutdown"
  | "sleep"
  | "idle"
  | "handle-power-key"
  | "handle-suspend-key"
  | "handle-hibernate-key"
  | "handle-lid-switch";

/** A request to refuse or delay operations. */
export interface Inhibitor {
  /** Inhibited operations. */
  readonly what: readonly Inhibited[];
  /** Name of the program, which users see. */
  readonly who: string;
  /** Reason for the inhibition, which users see. */
  readonly why: string;
  /**
   * Effect: `block` refuses the operations; `delay` delays them, at most for the time in the property
   * `InhibitDelayMaxUSec`.
   */
  readonly mode: InhibitorMode;
}

/**
 * Inhibits operations until the result is disposed of, or this process ends:
 * `using lock = await inhibit(manager, { what: ["sleep"], who: "Backup", why: "Copies files", mode: "block" })`.
 *
 * @throws The error of the call. Without the package `koffi`, which receives the descriptor, an error that names this
 *   package.
 */
export async function inhibit(
  manager: Pick<ManagerClient, "inhibit">,
  { what, who, why, mode }: Inhibitor,
): Promise<Disposable> {
  let descriptor: number | undefined = await manager.inhibit(what.join(":"), who, why, mode);
  const end = (): void => {
    // Closed only once: later, the number can belong to a descriptor of other code.
    const open = descriptor;
    descriptor = undefined;
    if (open !== undefined) closeSync(open);
  };
  return { [Symbol.dispose]: end };
}
