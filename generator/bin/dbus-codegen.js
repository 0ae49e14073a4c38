#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// Most runs are over before code that V8 optimizes in other threads has saved the time that this takes: a quarter of the
// processor time of a small run. Functions are optimized later. Only V8 of Node.js 20 knows the flag.
if (process.versions.v8?.startsWith("11.")) setFlagsFromString("--interrupt-budget=500000");
const { main } = await import("../dist/cli/main.js");

process.exitCode = await main(process.argv.slice(2));
