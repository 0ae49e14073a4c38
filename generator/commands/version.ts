import { createRequire } from "node:module";

/** Version of this package, which finds itself by its name both as sources and as it is installed. */
export function packageVersion(): string {
  const found: unknown = createRequire(import.meta.url)("dbus-codegen-ts/package.json");
  return typeof found === "object" && found !== null && "version" in found ? String(found.version) : "";
}
