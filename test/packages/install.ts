import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Packs each package, installs it in an empty project with nothing but what it depends on, and uses it there: types
 * under NodeNext and bundler resolution, and at run time. Run after a build: `npm run check:packages`.
 */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "packages-"));

interface Scratch {
  readonly name: string;
  /** Workspaces whose tarballs are installed. */
  readonly packages: readonly string[];
  /** Packages that must not come along. */
  readonly absent: readonly string[];
  readonly program: string;
}

const SCRATCHES: readonly Scratch[] = [
  {
    name: "runtime alone",
    packages: ["runtime/core"],
    absent: ["ts-morph", "fast-xml-parser"],
    program: `import { connect, Variant, type ObjectPath } from "@dbus-codegen-ts/runtime";
import { readSignature } from "@dbus-codegen-ts/runtime/grammar";
const path: ObjectPath = "/a";
console.log(typeof connect, path, new Variant("s", "x").value, readSignature("a{sv}").ok);
`,
  },
  {
    name: "stubs with the runtime",
    packages: ["runtime/core", "generated"],
    absent: ["ts-morph", "fast-xml-parser"],
    program: `import { Session, SessionClient, type SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
const settings: SessionSettings = { allowedBearers: ["wifi"] };
console.log(Session.name, SessionClient.name, InvalidHandleError.errorName, settings);
`,
  },
  {
    name: "generator",
    packages: ["runtime/core", "generator"],
    absent: [],
    program: `import { generate } from "dbus-codegen-ts";
const { files } = await generate([{ path: "a.xml", content: '<node><interface name="a.b"><method name="C"/></interface></node>' }]);
console.log(files.map(({ path }) => path));
`,
  },
];

const run = (cwd: string, command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

function pack(workspace: string): string {
  const [packed] = JSON.parse(
    run(join(ROOT, workspace), "npm", "pack", "--json", "--pack-destination", folder),
  ) as readonly { filename: string }[];
  if (packed === undefined) throw new Error(`npm packed nothing in ${workspace}`);
  return join(folder, packed.filename);
}

function check({ name, packages, absent, program }: Scratch, tarballs: ReadonlyMap<string, string>): void {
  const project = join(folder, name.replaceAll(" ", "-"));
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "type": "module", "private": true }');
  const chosen = packages.map((workspace) => tarballs.get(workspace) ?? "");
  run(project, "npm", "install", "--omit=optional", "--no-audit", "--no-fund", ...chosen);
  const installed = readdirSync(join(project, "node_modules"));
  const unwanted = absent.filter((one) => installed.includes(one));
  if (unwanted.length > 0) throw new Error(`${name}: ${unwanted} came along`);
  writeFileSync(join(project, "use.ts"), program);
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const) {
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2022",
      strict: true,
      types: ["node"],
      typeRoots: [join(ROOT, "node_modules/@types")],
    };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts"] }));
    run(project, join(ROOT, "node_modules/.bin/tsc"));
    console.log(`${name}: types resolve under ${moduleResolution}`);
  }
  const output = run(project, process.execPath, "use.js").trim();
  const count = run(project, "npm", "ls", "--all", "--parseable").trim().split("\n").length - 1;
  console.log(`${name}: ${count} packages installed; prints ${output}`);
}

try {
  const tarballs = new Map(["runtime/core", "generated", "generator"].map((workspace) => [workspace, pack(workspace)]));
  for (const scratch of SCRATCHES) check(scratch, tarballs);
} finally {
  rmSync(folder, { recursive: true });
}
