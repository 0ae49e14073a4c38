/** Everything that the generated contracts under `standard/` import. Nothing here may import a contract. */
export type { Branded, ObjectPath, OpenDictionary, UnixFd, Variant } from "./values.ts";
