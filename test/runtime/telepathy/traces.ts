import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What deployed connection managers were heard to say; beside the repository where it is there. */
export const TRACES = fileURLToPath(new URL("../../../../shared/traces/telepathy", import.meta.url));
export const hasTraces = existsSync(TRACES);
/** Why tests are skipped, for their names. */
export const TRACES_NOTE = hasTraces ? "" : " (skipped: ../shared/traces/telepathy is not there)";
