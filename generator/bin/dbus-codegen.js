#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// Most runs are over before code that V8 optimizes in other threads has saved the time that this takes: a quarter of the
// processor time of a small run. Functions are optimized later. Bun has no such flags.
if (!process.versions.bun) setFlagsFromString("--interrupt-budget=500000");
const { main } = await import("../dist/cli/main.js");

process.exitCode = await main(process.argv.slice(2));
