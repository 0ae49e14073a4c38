import { PRIVILEGED } from "../annotation-names.ts";
import type { Annotations } from "../contract.ts";

/** The member that `$authorize` decides about: a called method, or a property to be set. */
export interface AuthorizedMember {
  readonly kind: "method" | "property";
  /** Identifier of the member in TypeScript, such as `setLevel`. */
  readonly key: string;
  /** Name of the member on the wire, such as `SetLevel`. */
  readonly name: string;
  /** Whether the spec annotates the member or its interface with `org.freedesktop.systemd1.Privileged`. */
  readonly privileged: boolean;
}

/** Returns the value of the Privileged annotation; undefined if it is absent. */
export function privilegedAnnotation(annotations: Annotations | undefined): boolean | undefined {
  const value = annotations?.[PRIVILEGED];
  return value === undefined ? undefined : value === "true";
}
