import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { privateBus } from "dbus-codegen-ts/testing";
import type { Scratch } from "./scratch.ts";
import { run } from "./shell.ts";
import { bin } from "./tools.ts";

/** Modules that neither program uses: other interfaces, and the service of this one. */
const OTHERS = ['"im.telepathy1', '"net.connman.Notification"', '"net.connman.Manager"', "class SessionService"];

/** A program to bundle, and the text that its bundle must not contain. */
const BUNDLES = [
  {
    name: "a client stub",
    program: `import { SessionClient } from "@dbus-codegen-ts/stubs/net.connman.Session";
export { SessionClient };
`,
    absent: [...OTHERS, "DBUS_SYSTEM_BUS"],
  },
  {
    name: "a client that connects",
    program: `import { connect } from "@dbus-codegen-ts/runtime";
import { SessionClient } from "@dbus-codegen-ts/stubs/net.connman.Session";
await using bus = await connect({ bus: "session" });
const session = new SessionClient(bus, { destination: "net.connman", path: "/" });
console.log(await session.connect().catch((error) => error.errorName));
`,
    absent: OTHERS,
    prints: "org.freedesktop.DBus.Error.ServiceUnknown\n",
  },
] as const;

const BUNDLERS = ["esbuild", "rolldown"] as const;
type Bundler = (typeof BUNDLERS)[number];

/** Defines `require` for dbus-next, which is CommonJS: esbuild keeps its calls of require. */
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/**
 * Bundles programs with two bundlers, runs those that print something, and prints the minified sizes.
 *
 * @throws Error if a bundle contains unused modules.
 */
export async function bundles(scratch: Scratch): Promise<string> {
  const sizes: string[] = [];
  for (const { name, program, absent, ...rest } of BUNDLES) {
    scratch.write("bundle.js", program);
    for (const bundler of BUNDLERS) {
      const plain = await bundle(scratch, bundler);
      const found = absent.filter((word) => plain.includes(word));
      if (found.length > 0) throw new Error(`${bundler} leaves ${found.join(", ")} in ${name}`);
      const minified = await bundle(scratch, bundler, "--minify");
      if ("prints" in rest) await runBundle(scratch, bundler, rest.prints);
      sizes.push(`${name} ${kilobytes(minified)}, ${kilobytes(gzipSync(minified))} gzip (${bundler})`);
    }
  }
  return sizes.join("; ");
}

async function bundle({ folder }: Scratch, bundler: Bundler, ...flags: readonly string[]): Promise<Buffer> {
  const out = outOf(bundler);
  const common = ["bundle.js", "--format=esm", "--platform=node", ...flags];
  const own =
    bundler === "esbuild"
      ? ["--bundle", "--target=node20", `--banner:js=${REQUIRE}`, `--outfile=${out}`]
      : ["--transform.target=node20", `--file=${out}`];
  await run(folder, bin(bundler), ...common, ...own);
  return readFileSync(join(folder, out));
}

async function runBundle({ folder }: Scratch, bundler: Bundler, expected: string): Promise<void> {
  await using bus = await privateBus();
  const program = join(folder, outOf(bundler));
  const printed = await run(folder, "env", `DBUS_SESSION_BUS_ADDRESS=${bus.address}`, process.execPath, program);
  if (printed !== expected) throw new Error(`what ${bundler} bundles prints ${printed}`);
}

function outOf(bundler: Bundler): string {
  return `bundled-by-${bundler}.mjs`;
}

function kilobytes({ length }: Uint8Array): string {
  return `${(length / 1000).toFixed(1)} kB`;
}
