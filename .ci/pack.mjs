// Packs packages for projects outside this clone, as a release would contain them: `npm run pack -- <folder> [name…]`.
// Packs the runtime and the generator, and the packages of the catalogue that are named. Prints the path of each tarball.
// Tarballs that are newer than the packages are kept.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const [target, ...names] = process.argv.slice(2);
if (target === undefined) {
  process.stderr.write("name the folder for the tarballs: npm run pack -- <folder> [notifications …]\n");
  process.exit(2);
}
// npm runs scripts in the folder of the package.
const folder = resolve(process.env.INIT_CWD ?? ".", target);
mkdirSync(folder, { recursive: true });
for (const workspace of ["runtime/core", "generator", ...names.map((name) => `generator/catalogue/${name}`)]) {
  const tarball = join(folder, tarballName(readManifest(workspace)));
  if (!existsSync(tarball) || statSync(tarball).mtimeMs < newestTime(workspace)) pack(workspace, tarball);
  process.stdout.write(`${tarball}\n`);
}

function readManifest(workspace) {
  const path = join(ROOT, workspace, "package.json");
  if (!existsSync(path)) {
    process.stderr.write(`there is no package ${workspace}; the runtime and the generator are always packed\n`);
    process.exit(2);
  }
  return JSON.parse(readFileSync(path, "utf8"));
}

function tarballName({ name, version }) {
  return `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
}

/** Returns the time of the newest file of a package. */
function newestTime(workspace) {
  const built = join(ROOT, workspace, "dist");
  if (!existsSync(built)) throw new Error(`${workspace} is not built: run npm run build`);
  const files = readdirSync(built, { recursive: true, encoding: "utf8" }).map((path) => join(built, path));
  return Math.max(...[...files, join(ROOT, workspace, "package.json")].map((path) => statSync(path).mtimeMs));
}

/** Packs a copy, because the tarball differs from the folder. It is complete before it has its name. */
function pack(workspace, tarball) {
  const scratch = mkdtempSync(join(folder, ".pack-"));
  try {
    const copy = join(scratch, "package");
    const source = join(ROOT, workspace);
    const bundles = workspace === "runtime/core";
    const skipped = [join(source, "node_modules"), ...(bundles ? [join(source, "dist")] : [])];
    cpSync(source, copy, { recursive: true, filter: (path) => !skipped.includes(path) });
    if (bundles)
      execFileSync(process.execPath, [join(ROOT, ".ci/bundle-runtime.mjs"), join(copy, "dist")], { stdio: "inherit" });
    writeFileSync(join(copy, "package.json"), `${JSON.stringify(withPeers(readManifest(workspace)), undefined, 2)}\n`);
    execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", scratch, copy], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    renameSync(join(scratch, basename(tarball)), tarball);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Makes our packages peers: pnpm and yarn would look for dependencies in the registry, which does not contain them. */
function withPeers({ scripts: _, dependencies = {}, peerDependencies = {}, ...manifest }) {
  const isOurs = ([name]) => name.startsWith("@dbus-codegen-ts/");
  const entries = Object.entries(dependencies);
  return {
    ...manifest,
    dependencies: Object.fromEntries(entries.filter((entry) => !isOurs(entry))),
    peerDependencies: { ...Object.fromEntries(entries.filter(isOurs)), ...peerDependencies },
  };
}
