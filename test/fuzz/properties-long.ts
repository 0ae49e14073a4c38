import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** `npm run fuzz -- properties <factor> [<path>…]`: runs the randomised unit tests with more runs. */
const [factor = "20", ...paths] = process.argv.slice(2);
const { status } = spawnSync(
  "npx",
  ["vitest", "run", "--exclude", "**/*.{bus,system}.test.ts", "--testTimeout", "3600000", ...paths],
  {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, TEST_RUNS_FACTOR: factor },
    stdio: "inherit",
  },
);
process.exitCode = status ?? 1;
