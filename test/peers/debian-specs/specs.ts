import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../../generator/support.ts";

const FOLDER = join(ROOT, "node_modules/.cache/debian-specs");

/** A spec of a package of Debian. */
export interface DebianSpec {
  /** Absolute path. */
  readonly path: string;
  readonly content: Buffer;
}

/** Returns the specs in packages of Debian, which are downloaded once and not installed. @throws Error if that fails. */
export function debianSpecs(packages: readonly string[]): readonly DebianSpec[] {
  return packages.flatMap((name) => {
    const folder = join(FOLDER, name);
    if (!existsSync(folder)) extract(name, folder);
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".xml"))
      .map((path) => ({ path: join(folder, path), content: readFileSync(join(folder, path)) }))
      .filter(({ content }) => /<(?:node|interface)[ >/]/.test(content.toString("latin1")));
  });
}

/** Downloads a package and extracts its XML files. */
function extract(name: string, folder: string): void {
  const scratch = `${folder}.part`;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  execFileSync("apt-get", ["download", name], { cwd: scratch, stdio: "pipe", timeout: 60_000 });
  const archive = readdirSync(scratch).find((entry) => entry.endsWith(".deb"));
  if (archive === undefined) throw new Error(`apt-get downloaded no package ${basename(folder)}`);
  const files = execFileSync("dpkg-deb", ["--fsys-tarfile", archive], { cwd: scratch, maxBuffer: 2 ** 30 });
  execFileSync("tar", ["-x", "--wildcards", "--exclude=*/doc/*", "*.xml"], {
    cwd: scratch,
    input: files,
    stdio: "pipe",
  });
  rmSync(join(scratch, archive));
  renameSync(scratch, folder);
}
