#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { knownV8Flags } from "@dbus-codegen-ts/runtime/v8-flags";

// Most runs are over before code that V8 optimizes in other threads has saved the time that this takes: a quarter of the
// processor time of a small run. Functions are optimized later.
for (const flag of knownV8Flags(["--interrupt-budget=500000"])) setFlagsFromString(flag);
const { main } = await import("../dist/cli/main.js");

process.exitCode = await main(process.argv.slice(2));
