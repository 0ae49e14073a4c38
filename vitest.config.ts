import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests run the sources, not the last build.
  ssr: { resolve: { conditions: ["@dbus-codegen-ts/source", ...defaultServerConditions] } },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["generator/**/*.ts", "runtime/**/*.ts"],
      exclude: ["**/dist/**"],
      reporter: ["text-summary", "html"],
    },
  },
});
