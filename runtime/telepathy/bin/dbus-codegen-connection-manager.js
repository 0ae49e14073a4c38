#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// Most functions run a few hundred times in the life of a connection manager. Compiling them for speed would cost more than
// it saves, and take the processors from the bus and its clients, so V8 compiles only those that run very often.
for (const flag of ["--max-bytecode-size-for-early-opt=0", "--ticks-before-optimization=6"]) setFlagsFromString(flag);
const { main } = await import("../dist/cli.js");

process.exitCode = await main(process.argv.slice(2));
