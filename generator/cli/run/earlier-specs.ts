import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { includes, isOverlay } from "../../compiler/read/read.ts";
import { isInCatalogue } from "../config/catalogue-path.ts";
import { readSpecs, type SpecNames } from "../config/specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { GitTree } from "./git-tree.ts";

/** An earlier version of specs. */
interface EarlierSpecs {
  readonly sources: readonly Source[];
  /** Whether the sources are introspection data of a running service. */
  readonly isLive: boolean;
}

/**
 * Reads the earlier version that `--against` names: `bus:<name>`, a file or folder, or a git ref. A name that is both a
 * folder and a git ref means the folder. The overlays of the later version also apply to an earlier version that has no
 * overlays itself. In a folder, overlays are found among the specs; at a git ref, the files with the same paths are
 * read. Overlays of the catalogue always apply to both.
 *
 * @param names - The specs and overlays of the later version.
 */
export async function readEarlierSpecs(
  against: string,
  names: SpecNames,
  bus: string | undefined,
  shell: Shell,
): Promise<EarlierSpecs> {
  if (against.startsWith("bus:")) return { sources: await readLiveSpecs(against.slice(4), bus), isLive: true };
  const isFile = !against.startsWith("git:") && (await exists(resolve(shell.cwd, against)));
  const sources = isFile
    ? await readSpecs({ specs: [against] }, shell)
    : await readSpecsAtRef(against.replace(/^git:/, ""), names, shell);
  const hasOverlays = sources.some(isOverlay);
  const applied = names.overlays?.filter((path) => !hasOverlays || isInCatalogue(resolve(shell.cwd, path))) ?? [];
  const overlays = await readSpecs({ specs: [], overlays: applied }, shell);
  return { sources: [...sources, ...overlays], isLive: false };
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Reads specs at a git ref, with the files that they include. */
async function readSpecsAtRef(
  ref: string,
  { specs, overlays = [], exclude = [] }: SpecNames,
  shell: Shell,
): Promise<readonly Source[]> {
  if (specs.includes("-")) throw new UsageError("standard input has no version at a git ref; name files or folders");
  const tree = await GitTree.open(ref, shell.cwd);
  const prefix = `${ref}:`;
  const sources = new Map<string, Source>();
  const add = async (paths: readonly string[]): Promise<void> => {
    const missing = paths.filter((path) => !sources.has(prefix + path));
    for (const source of await tree.read(missing)) {
      const path = prefix + source.path;
      sources.set(path, { ...source, path });
    }
  };
  const excluded = new Set(exclude.flatMap((name) => tree.xmlFilesBelow(name)));
  const named = [...specs, ...overlays].flatMap((name) => tree.xmlFilesBelow(name));
  await add(named.filter((path) => !excluded.has(path)));
  if (sources.size === 0) throw new UsageError(`none of ${specs.join(", ")} has an .xml file at "${ref}"`);
  // The map grows during the iteration, so that includes of included files are read.
  for (const source of sources.values()) {
    await add(includes(source, new Diagnostics()).map((path) => path.slice(prefix.length)));
  }
  return [...sources.values()];
}

/** Introspects a running service, named as `<bus name>[/<path>]`. The D-Bus runtime is loaded only here. */
async function readLiveSpecs(target: string, bus: string | undefined): Promise<readonly Source[]> {
  const slash = target.indexOf("/");
  const [name, path] = slash === -1 ? [target, "/"] : [target.slice(0, slash), target.slice(slash)];
  const { checkServiceExists, checkTarget, withBus } = await import("./bus.ts");
  const { introspect } = await import("../../tools/introspect/introspect.ts");
  checkTarget(name, path);
  const sources: Source[] = [];
  await withBus(bus, async (connection) => {
    await checkServiceExists(connection, name, bus);
    const { specs } = await introspect(connection, name, path);
    sources.push(...specs.map(({ path: file, content }) => ({ path: `bus:${name}/${file}`, content })));
    return EXIT.success;
  });
  if (sources.length === 0) throw new UsageError(`${name} has no interface at or below ${path}`);
  return sources;
}
