import { rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { knownV8Flags } from "./runtime/core/v8-flags.ts";
import { LongestFirst } from "./test/setup/longest-first.ts";

// Most functions run too briefly for V8's optimizations, which take a fifth of the processor time: optimize later.
const flags = knownV8Flags(["--interrupt-budget=1500000"]);
for (const flag of flags) setFlagsFromString(flag);

// Unit tests write modules there that a system test compiles.
const notes = join(tmpdir(), `noted-modules-${process.pid}-${Date.now()}`);
process.env["NOTED_MODULES"] = notes;
process.on("exit", () => rmSync(notes, { recursive: true, force: true }));

export default defineConfig({
  // Tests run the sources, not the last build.
  ssr: { resolve: { conditions: ["@dbus-codegen-ts/source", ...defaultServerConditions] } },
  test: {
    // Compilers and npm take minutes on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    // Waiting for an event fails only if it does not happen, also on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    // Programs of others, such as gdbus, print text in the encoding of the locale.
    env: { LC_ALL: "C.UTF-8" },
    setupFiles: ["test/setup/wait-for.ts"],
    // Most of these tests wait for daemons and processes, so more workers than cores keep all cores busy.
    maxWorkers: availableParallelism() + 3,
    // The test files of a worker share modules, so that each worker loads the runtime and the compiler once.
    isolate: false,
    execArgv: [...flags],
    sequence: { sequencer: LongestFirst },
    // Transformed modules are kept for the next project and the next run.
    experimental: { fsModuleCache: true, fsModuleCachePath: "node_modules/.cache/vitest" },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // Unit tests wait for nothing, so a further worker would only load the compiler, too.
          maxWorkers: availableParallelism(),
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.{bus,system}.test.ts"],
        },
      },
      { extends: true, test: { name: "bus", include: ["test/**/*.bus.test.ts"], sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: "system", include: ["test/**/*.system.test.ts"], sequence: { groupOrder: 1 } } },
    ],
    coverage: {
      provider: "v8",
      include: ["generator/**/*.ts", "runtime/**/*.ts"],
      exclude: ["**/dist/**"],
      reporter: ["text-summary", "html"],
    },
  },
});
