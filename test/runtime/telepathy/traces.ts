import { fileURLToPath } from "node:url";

/** Folder with recordings of deployed connection managers. Its README.md describes them. */
export const TRACES = fileURLToPath(new URL("../../data/traces/telepathy", import.meta.url));
