// Prepares a release: `npm run release -- 0.2.0` sets the version of every package and dates its changelog entry.
// `--verify 0.2.0` checks that this was done, as the release workflow does before it publishes.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const CATALOGUE = readdirSync("generator/catalogue", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `generator/catalogue/${entry.name}`);
const PACKAGES = ["runtime/core", "generated", "generator", ...CATALOGUE, "runtime/connman", "runtime/telepathy"];
const SEMVER = /^(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.-]+)?$/;

const verify = process.argv[2] === "--verify";
const version = process.argv[verify ? 3 : 2] ?? "";
if (!SEMVER.test(version)) fail("Usage: npm run release -- <version>, such as 0.2.0");

const manifests = PACKAGES.map((folder) => ({ path: `${folder}/package.json`, ...readJson(`${folder}/package.json`) }));
const names = new Set(manifests.map(({ name }) => name));
const changelog = readFileSync("CHANGELOG.md", "utf8");

if (verify) verifyRelease();
else prepareRelease();

function prepareRelease() {
  const current = manifests[0].version;
  if (!isNewer(version, current)) fail(`${version} is not newer than ${current}`);
  const unreleased = /^## Unreleased\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog);
  if (unreleased === null || unreleased[1].trim() === "") fail('CHANGELOG.md has no entry under "## Unreleased"');
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync("CHANGELOG.md", changelog.replace("## Unreleased\n", `## Unreleased\n\n## ${version} (${date})\n`));
  for (const { path, ...manifest } of manifests) {
    manifest.version = version;
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      if (names.has(name)) manifest.dependencies[name] = version;
    }
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  }
  execFileSync("npm", ["install", "--package-lock-only", "--ignore-scripts"], { stdio: "inherit" });
  process.stdout.write(`Now commit, then: git tag v${version} && git push --follow-tags\n`);
}

function verifyRelease() {
  const problems = [];
  if (!changelog.includes(`## ${version} (`)) problems.push(`CHANGELOG.md has no entry for ${version}`);
  for (const { path, version: found, dependencies = {} } of manifests) {
    if (found !== version) problems.push(`${path} has version ${found}`);
    for (const [name, range] of Object.entries(dependencies)) {
      if (names.has(name) && range !== version) problems.push(`${path} depends on ${name} ${range}`);
    }
  }
  if (problems.length > 0) fail(problems.join("\n"));
}

/** Compares release numbers; a pre-release counts as older than its release. */
function isNewer(next, current) {
  const [a, b] = [next, current].map((text) => SEMVER.exec(text).slice(1).map(Number));
  const index = a.findIndex((number, position) => number !== b[position]);
  return index === -1 ? current.includes("-") && !next.includes("-") : a[index] > b[index];
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
