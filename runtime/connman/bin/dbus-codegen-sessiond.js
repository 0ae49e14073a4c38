#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// Many sessions are often created just after the start, when V8 would optimize all functions at once in other threads and
// take the processors from the bus and its clients. Functions get fast simple code immediately, and are optimized later.
// Only V8 of Node.js 20 knows all flags.
if (process.versions.v8?.startsWith("11.")) {
  for (const flag of ["--always-sparkplug", "--no-lazy-feedback-allocation", "--interrupt-budget=400000"]) {
    setFlagsFromString(flag);
  }
}
const { main } = await import("../dist/cli.js");

process.exitCode = await main(process.argv.slice(2));
