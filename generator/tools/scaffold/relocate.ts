import { resolve } from "node:path";
import type { Source } from "../../compiler/diagnostics/source.ts";

/**
 * Returns specs with paths below `specs/` that keep their relative positions.
 *
 * @param name - File name, without ending, of a spec from standard input.
 */
export function relocate(sources: readonly Source[], cwd: string, name: string): readonly Source[] {
  const paths = sources.map(({ path }) => resolve(cwd, path === "<stdin>" ? `${name}.xml` : path).split("/"));
  const depth = commonDepth(paths.map((path) => path.slice(0, -1)));
  return sources.map(({ content }, index) => ({ path: `specs/${paths[index]?.slice(depth).join("/")}`, content }));
}

/** Returns the number of leading folders that all paths share. */
function commonDepth(folders: readonly (readonly string[])[]): number {
  const [first = []] = folders;
  const end = first.findIndex((part, index) => folders.some((folder) => folder[index] !== part));
  return end === -1 ? first.length : end;
}
