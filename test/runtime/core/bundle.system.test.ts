import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildSync, type Metafile } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { startPrivateBus } from "../../setup/private-bus.ts";

// The runtime as it is published. `npm run check:packages` installs it, and bundles it with other bundlers, too.

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bundled runtime ü-"));
execFileSync(process.execPath, [join(ROOT, ".ci/bundle-runtime.mjs"), folder]);
afterAll(() => rmSync(folder, { recursive: true }));

/** Maximum size of a minified client bundle with its connection, compressed by gzip. */
const MAX_CLIENT_BYTES = 40_000;

/** A program that calls an unknown service. */
const PROGRAM = `import { connect } from "@dbus-codegen-ts/runtime";
import { SessionClient } from "@dbus-codegen-ts/stubs/net.connman.Session";
const bus = await connect();
const session = new SessionClient(bus, { destination: "net.connman", path: "/" });
console.log(await session.connect().catch((error) => error.errorName));
await bus.close();
`;

/** A program that serves an object manager and no service. */
const MANAGER = `import { connect } from "@dbus-codegen-ts/runtime";
const [bus, client] = await Promise.all([connect(), connect()]);
await bus.serveObjectManager("/");
const call = (name, member, ...args) => {
  const signature = "s".repeat(args.length);
  const target = { destination: bus.uniqueName, path: "/", interface: "org.freedesktop.DBus." + name };
  return client.call({ ...target, member, signature, args }).then(JSON.stringify, (error) => error.errorName);
};
console.log(await call("ObjectManager", "GetManagedObjects"));
console.log(await call("Properties", "GetAll", "org.freedesktop.DBus.Peer"));
console.log(await call("Properties", "Get", "org.freedesktop.DBus.Peer", "A"));
console.log(await call("Properties", "GetAll", "a.b"));
console.log(await bus.serve("/a", {}).catch((error) => error.message));
await Promise.all([bus.close(), client.close()]);
`;

/** Bundles a module with the published runtime. */
function bundle(program: string, minify: boolean): { readonly text: string; readonly inputs: Metafile["inputs"] } {
  const { outputFiles, metafile } = buildSync({
    stdin: { contents: program, resolveDir: ROOT },
    alias: {
      "@dbus-codegen-ts/runtime": join(folder, "index.js"),
      "@dbus-codegen-ts/runtime/dynamic": join(folder, "dynamic.js"),
      "@dbus-codegen-ts/stubs": join(ROOT, "generated"),
    },
    bundle: true,
    minify,
    platform: "node",
    format: "esm",
    write: false,
    metafile: true,
  });
  return { text: outputFiles[0]?.text ?? "", inputs: metafile.inputs };
}

describe("the published runtime", () => {
  test("imports only modules of Node", () => {
    const { inputs } = bundle('export * from "@dbus-codegen-ts/runtime";', false);
    const imported = Object.values(inputs).flatMap(({ imports }) => imports);
    expect(imported.filter(({ path, external = false }) => external && !path.startsWith("node:"))).toEqual([]);
    expect(Object.keys(inputs).length).toBeLessThan(20);
  });

  test.each([false, true])("connects in a bundle of at most 40 kB gzip, minified: %s", async (minify) => {
    const { text } = bundle(PROGRAM, minify);
    expect(await printedBy(text)).toEqual(["org.freedesktop.DBus.Error.ServiceUnknown"]);
    if (minify) expect(gzipSync(text).length).toBeLessThanOrEqual(MAX_CLIENT_BYTES);
  });

  test("has no code of services in the bundle of a client", () => {
    const { text } = bundle(PROGRAM, false);
    expect(text.match(/^var \w*(Service|Caller)\w*(?= = class)/gm)).toEqual(["var ServiceUnknownError"]);
  });

  test("serves an object manager in a program without services", async () => {
    expect(await printedBy(bundle(MANAGER, false).text)).toEqual([
      "[{}]",
      "[{}]",
      "org.freedesktop.DBus.Error.UnknownProperty",
      "org.freedesktop.DBus.Error.UnknownInterface",
      "only services of this runtime can be served",
    ]);
  });

  test("has the parser of introspection documents in a separate entry of at most 5 kB gzip", () => {
    const { text } = bundle(PROGRAM, true);
    const dynamic = PROGRAM.replace(
      'from "@dbus-codegen-ts/runtime";',
      '$& import { remoteObject } from "@dbus-codegen-ts/runtime/dynamic"; globalThis.remoteObject = remoteObject;',
    );
    const withDynamic = bundle(dynamic, true).text;
    const MESSAGE = "the introspection document is not valid";
    expect([text.includes(MESSAGE), withDynamic.includes(MESSAGE)]).toEqual([false, true]);
    expect(gzipSync(withDynamic).length - gzipSync(text).length).toBeLessThanOrEqual(5_000);
  });

  test("has the license of the parts of dbus-next, and none of its authentication by cookies", () => {
    expect(readFileSync(join(folder, "dbus-next-license.txt"), "utf8")).toContain("Permission is hereby granted");
    const { text } = bundle('export * from "@dbus-codegen-ts/runtime";', false);
    expect(text).toContain("NEGOTIATE_UNIX_FD");
    expect(text).not.toMatch(/COOKIE|\brequire\("/);
  });
});

/** Runs a module with a private bus. Returns the lines that it prints. */
async function printedBy(text: string): Promise<readonly string[]> {
  await using bus = await startPrivateBus();
  const path = join(folder, "program.mjs");
  writeFileSync(path, text);
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus.address };
  return execFileSync(process.execPath, [path], { env, encoding: "utf8", timeout: 60_000 }).trimEnd().split("\n");
}

test("declarations include the types of Node, which TypeScript 6 and newer leave out by default", () => {
  expect(readFileSync(join(folder, "index.d.ts"), "utf8")).toContain('/// <reference types="node"');
});

test("source maps contain no path of the machine that built them", () => {
  const maps = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".map"));
  const sources = maps.flatMap((path): readonly string[] => {
    const { sources } = JSON.parse(readFileSync(join(folder, path), "utf8"));
    return sources.map((source: string) => join("runtime/core/dist", dirname(path), source));
  });
  expect(sources).toContain("runtime/core/client/client.ts");
  expect(sources.filter((source) => !/^(?:runtime\/core|node_modules\/dbus-next)\//.test(source))).toEqual([]);
});
