import { PRIVILEGED } from "../annotation-names.ts";
import type { Annotations } from "../contract.ts";

/** What a caller wants: to call a method, or to set a property. */
export interface AuthorizedMember {
  readonly kind: "method" | "property";
  /** Identifier in TypeScript. */
  readonly key: string;
  /** Name on the wire. */
  readonly name: string;
  /** Whether the spec annotates the member or its interface with `org.freedesktop.systemd1.Privileged`. */
  readonly privileged: boolean;
}

/** Whether annotations say `true` for Privileged; undefined where they say nothing. */
export function privilege(annotations: Annotations | undefined): boolean | undefined {
  const value = annotations?.[PRIVILEGED];
  return value === undefined ? undefined : value === "true";
}
