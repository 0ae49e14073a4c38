// Copies specs of other projects into test/data/downloaded, which git ignores. Tests that need them skip without them.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TARGET = join(import.meta.dirname, "downloaded");
const FALLBACK = join(import.meta.dirname, "../../../shared/corpus");

/** Collections of specs. `get` copies the XML files into a folder. */
const COLLECTIONS = {
  // Debian's telepathy-glib contains the specification of 2016 with other interface names (org.freedesktop.Telepathy).
  telepathy: {
    note: "the Telepathy specification e2ea827a (im.telepathy1), which no Debian package contains; it is read from git",
    get: (folder) =>
      gitFiles("https://gitlab.freedesktop.org/telepathy/telepathy-spec.git", "e2ea827a", "spec", folder),
  },
  connman: {
    note: "introspection XML of a running ConnMan 1.41, which no Debian package contains: copy it to test/data/downloaded/connman, for example from dbus-codegen introspect --system net.connman",
    get: undefined,
  },
};

let missing = 0;
for (const [name, { note, get }] of Object.entries(COLLECTIONS)) {
  const folder = join(TARGET, name);
  if (existsSync(folder)) {
    process.stdout.write(`${name}: ${folder} exists\n`);
    continue;
  }
  try {
    if (existsSync(join(FALLBACK, name))) cpSync(join(FALLBACK, name), folder, { recursive: true });
    else if (get === undefined) throw new Error(note);
    else get(folder);
    process.stdout.write(`${name}: ${readdirSync(folder).length} files in ${folder}\n`);
  } catch (error) {
    missing++;
    rmSync(folder, { recursive: true, force: true });
    process.stderr.write(`${name}: not available: ${note}\n${error.message}\n`);
  }
}
if (missing > 0) process.exitCode = 1;

/** Copies the XML files of a folder in a git repository at a commit. */
function gitFiles(url, commit, from, to) {
  const clone = mkdtempSync(join(tmpdir(), "specs-"));
  try {
    execFileSync("git", ["clone", "--quiet", "--no-checkout", url, clone], { stdio: "pipe" });
    execFileSync("git", ["-C", clone, "checkout", "--quiet", commit, "--", from], { stdio: "pipe" });
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(join(clone, from)).filter((file) => file.endsWith(".xml")))
      cpSync(join(clone, from, name), join(to, name));
  } finally {
    rmSync(clone, { recursive: true });
  }
}
