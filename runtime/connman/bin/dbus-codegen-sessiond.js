#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { knownV8Flags } from "@dbus-codegen-ts/runtime/v8-flags";

// Many sessions are often created just after the start, when V8 would optimize all functions at once in other threads and
// take the processors from the bus and its clients. Functions get fast simple code immediately, and are optimized later.
const FLAGS = ["--always-sparkplug", "--no-lazy-feedback-allocation", "--interrupt-budget=400000"];
for (const flag of knownV8Flags(FLAGS)) setFlagsFromString(flag);
const { main } = await import("../dist/cli.js");

process.exitCode = await main(process.argv.slice(2));
