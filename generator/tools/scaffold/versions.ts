/** Development dependencies of a project besides our packages, in versions that this release was tested with. */
export const TOOLS: Readonly<Record<string, string>> = {
  "@types/node": "^20.19.0",
  typescript: "^6.0.3",
  vitest: "^4.1.12",
};

/** Versions of Node that a project supports. */
export const NODE = ">=20.19";
