import { ConnectionCredentials } from "../standard/org.freedesktop.DBus.ts";
import { Variant } from "../values.ts";

/** Identity of the process behind a connection. A value is absent if the bus does not report it. */
export interface Credentials {
  /** Numeric user id. */
  readonly uid?: number;
  /** Process id. The process may have ended, and another process may use the id. */
  readonly pid?: number;
  /** Numeric group ids. */
  readonly groups?: readonly number[];
  /** Label of the Linux security module, such as an SELinux context, without the terminating NUL byte. */
  readonly securityLabel?: string;
}

/**
 * Reads the `a{sv}` that GetConnectionCredentials returns. Values of a type that differs from the D-Bus specification
 * are left out.
 */
export function readCredentials(credentials: unknown): Credentials {
  const { unixUserID, processID, unixGroupIDs, linuxSecurityLabel } = ConnectionCredentials.entries;
  const decodedValue = ({ key, type }: { readonly key: string; readonly type: string }): unknown => {
    const isObject = typeof credentials === "object" && credentials !== null;
    const variant: unknown = isObject ? Reflect.get(credentials, key) : undefined;
    return variant instanceof Variant && variant.signature === type ? variant.value : undefined;
  };
  const uid = decodedValue(unixUserID);
  const pid = decodedValue(processID);
  const groups = decodedValue(unixGroupIDs);
  const label = decodedValue(linuxSecurityLabel);
  return {
    ...(typeof uid === "number" && { uid }),
    ...(typeof pid === "number" && { pid }),
    ...(Array.isArray(groups) && { groups: groups.map(Number) }),
    ...(label instanceof Uint8Array && { securityLabel: labelText(label) }),
  };
}

function labelText(label: Uint8Array): string {
  const end = label.indexOf(0);
  return Buffer.from(label)
    .subarray(0, end < 0 ? label.length : end)
    .toString("utf8");
}
