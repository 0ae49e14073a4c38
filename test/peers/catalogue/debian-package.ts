import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../generator/support.ts";

const PACKAGES = join(ROOT, "node_modules/.cache/debian-packages");

/**
 * Returns the path of a file of a Debian package that is not installed, because the installation would change this
 * machine. The package is downloaded and extracted once. Returns the reason if that is not possible.
 */
export function extractedFile(name: string, path: string): { readonly path: string } | { readonly reason: string } {
  const folder = join(PACKAGES, name);
  const file = join(folder, path);
  if (existsSync(file)) return { path: file };
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync("apt-get", ["download", name], { cwd: folder, stdio: "pipe", timeout: 60_000 });
    const archive = readdirSync(folder).find((entry) => entry.endsWith(".deb")) ?? "";
    execFileSync("dpkg", ["-x", archive, "."], { cwd: folder, stdio: "pipe" });
    return { path: file };
  } catch (error) {
    return {
      reason: `cannot be downloaded: ${name} (${error instanceof Error ? error.message.split("\n", 1)[0] : error})`,
    };
  }
}
