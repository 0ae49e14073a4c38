import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { privateBus } from "dbus-codegen-ts/testing";
import { BUNDLERS, bundle } from "./bundlers.ts";
import type { Scratch } from "./scratch.ts";
import { run } from "./shell.ts";

/** Texts of modules that neither program uses: other interfaces, and the base class of services. */
const OTHERS = ['"im.telepathy1', '"net.connman.Notification"', '"net.connman.Manager"', "needs a privilege"];

/** Programs to bundle, and texts that their bundles must not contain. */
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
async function main() {
  const bus = await connect({ bus: "session" });
  const session = new SessionClient(bus, { destination: "net.connman", path: "/" });
  console.log(await session.connect().catch((error) => error.errorName));
  await bus.close();
}
void main();
`,
    absent: OTHERS,
    prints: "org.freedesktop.DBus.Error.ServiceUnknown\n",
  },
] as const;

/** Largest minified bundle of a client that connects, compressed by gzip. */
const MAX_CLIENT_BYTES = 40_000;

/**
 * Bundles programs with all bundlers, runs those that print something, and prints the minified sizes.
 *
 * @throws Error if a bundle contains unused modules or is too large.
 */
export async function bundles(scratch: Scratch): Promise<string> {
  const sizes: string[] = [];
  for (const { name, program, absent, ...rest } of BUNDLES) {
    scratch.write("bundle.js", program);
    for (const bundler of BUNDLERS) {
      const plain = await bundle(scratch, bundler, "plain");
      const minified = await bundle(scratch, bundler, "minified");
      const text = readFileSync(join(scratch.folder, minified), "utf8");
      // webpack removes unused code only when it minifies.
      const texts = bundler === "webpack" ? [text] : [text, readFileSync(join(scratch.folder, plain), "utf8")];
      const found = absent.filter((word) => texts.some((bundled) => bundled.replace(/['`]/g, '"').includes(word)));
      if (found.length > 0) throw new Error(`${bundler} leaves ${found.join(", ")} in ${name}`);
      const size = gzipSync(text).length;
      if (size > MAX_CLIENT_BYTES) throw new Error(`${bundler} makes ${name} of ${kilobytes(size)} gzip`);
      if ("prints" in rest) for (const file of [plain, minified]) await runBundle(scratch, file, rest.prints);
      sizes.push(`${name} ${kilobytes(size)} gzip (${bundler})`);
    }
  }
  return sizes.join("; ");
}

async function runBundle({ folder }: Scratch, file: string, expected: string): Promise<void> {
  await using bus = await privateBus();
  const printed = await run(folder, "env", `DBUS_SESSION_BUS_ADDRESS=${bus.address}`, process.execPath, file);
  if (printed !== expected) throw new Error(`${file} prints ${printed}`);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
