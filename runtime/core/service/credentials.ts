import { Variant } from "../values.ts";

/** Who is behind a connection, as far as the bus tells. */
export interface Credentials {
  /** Numeric user id. */
  readonly uid?: number;
  /** Process id. The process may have ended, and its id may be used again. */
  readonly pid?: number;
  /** Numeric group ids. */
  readonly groups?: readonly number[];
  /** Label of the Linux security module, such as an SELinux context, without the NUL at its end. */
  readonly securityLabel?: string;
}

/** Reads what GetConnectionCredentials of the bus answers. What has another type than the specification says is left out. */
export function readCredentials(answer: unknown): Credentials {
  const value = (key: string, type: string): unknown => {
    const variant: unknown = typeof answer === "object" && answer !== null ? Reflect.get(answer, key) : undefined;
    return variant instanceof Variant && variant.signature === type ? variant.value : undefined;
  };
  const uid = value("UnixUserID", "u");
  const pid = value("ProcessID", "u");
  const groups = value("UnixGroupIDs", "au");
  const label = value("LinuxSecurityLabel", "ay");
  return {
    ...(typeof uid === "number" && { uid }),
    ...(typeof pid === "number" && { pid }),
    ...(Array.isArray(groups) && { groups: groups.map(Number) }),
    ...(label instanceof Uint8Array && { securityLabel: labelText(label) }),
  };
}

function labelText(label: Uint8Array): string {
  return Buffer.from(label).toString("utf8").replace(/\0+$/, "");
}
