import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run the sources, not the last build.
    alias: [
      { find: /^@dbus-codegen-ts\/runtime$/, replacement: source("runtime/core/index.ts") },
      { find: /^@dbus-codegen-ts\/runtime\/(grammar|program)$/, replacement: source("runtime/core/$1.ts") },
      { find: /^@dbus-codegen-ts\/stubs\/(.*)$/, replacement: source("generated/$1.ts") },
      { find: /^@dbus-codegen-ts\/connman$/, replacement: source("runtime/connman/index.ts") },
      { find: /^@dbus-codegen-ts\/telepathy$/, replacement: source("runtime/telepathy/index.ts") },
      { find: /^dbus-codegen-ts\/(conform|introspect|testing)$/, replacement: source("generator/$1/$1.ts") },
      { find: /^dbus-codegen-ts$/, replacement: source("generator/index.ts") },
    ],
  },
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
