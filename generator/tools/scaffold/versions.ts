/** What a project is worked on with, beside our own packages: versions that this release was tested with. */
export const TOOLS: Readonly<Record<string, string>> = {
  "@types/node": "^20.19.0",
  typescript: "^6.0.3",
  vitest: "^4.1.12",
};

/** The oldest Node that a project runs on. */
export const NODE = ">=20.19";
