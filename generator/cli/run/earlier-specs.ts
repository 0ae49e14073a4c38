import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { includes } from "../../compiler/read/read.ts";
import { readSpecs } from "../config/specs.ts";
import { UsageError } from "../usage-error.ts";
import { GitTree } from "./git-tree.ts";
import { EXIT, type Shell } from "../shell.ts";

/** An earlier version of specs. */
interface Before {
  readonly sources: readonly Source[];
  /** Whether it is what a running service says of itself. */
  readonly live: boolean;
}

/**
 * Reads what `--against` names: a running service, a git ref, or a folder or file; a name that is both is the folder.
 * @param specs - What the command line names as specs, which is looked for at a git ref.
 */
export async function readAgainst(
  against: string,
  specs: readonly string[],
  bus: string | undefined,
  shell: Shell,
): Promise<Before> {
  if (against.startsWith("bus:")) return { sources: await readLive(against.slice(4), bus), live: true };
  const isRef =
    against.startsWith("git:") || (await stat(resolve(shell.cwd, against)).catch(() => undefined)) === undefined;
  if (!isRef) return { sources: await readSpecs([against], shell), live: false };
  return { sources: await readRef(against.replace(/^git:/, ""), specs, shell), live: false };
}

/** What stood at a git ref where the specs stand now; included files come along. */
async function readRef(ref: string, specs: readonly string[], shell: Shell): Promise<readonly Source[]> {
  if (specs.includes("-")) throw new UsageError("standard input has no version at a git ref; name files or folders");
  const tree = await GitTree.open(ref, shell.cwd);
  const prefix = `${ref}:`;
  const sources = new Map<string, Source>();
  const add = async (paths: readonly string[]): Promise<void> => {
    const wanted = paths.filter((path) => !sources.has(prefix + path));
    for (const { path, content } of await tree.read(wanted))
      sources.set(prefix + path, { path: prefix + path, content });
  };
  await add(specs.flatMap((spec) => tree.filesAt(spec)));
  if (sources.size === 0) throw new UsageError(`none of ${specs.join(", ")} has an .xml file at "${ref}"`);
  // A file that is included counts as given; the map grows while it is walked.
  for (const source of sources.values()) {
    await add(includes(source, new Diagnostics()).map((path) => path.slice(prefix.length)));
  }
  return [...sources.values()];
}

/** What a running service says of itself. Only a run that asks for it loads the runtime. */
async function readLive(target: string, bus: string | undefined): Promise<readonly Source[]> {
  const slash = target.indexOf("/");
  const [name, path] = slash === -1 ? [target, "/"] : [target.slice(0, slash), target.slice(slash)];
  const { checkService, checkTarget, onBus } = await import("./bus.ts");
  const { introspect } = await import("../../tools/introspect/introspect.ts");
  checkTarget(name, path);
  const sources: Source[] = [];
  await onBus(bus, async (connection) => {
    await checkService(connection, name, bus);
    const { specs } = await introspect(connection, name, path);
    sources.push(...specs.map(({ path: file, content }) => ({ path: `bus:${name}/${file}`, content })));
    return EXIT.fine;
  });
  if (sources.length === 0) throw new UsageError(`${name} shows no interface below ${path}`);
  return sources;
}
