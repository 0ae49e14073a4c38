import { resolve } from "node:path";
import type { Source } from "../../compiler/diagnostics/source.ts";

/**
 * Puts specs into the project's folder of specs: below it they lie as they lay beside each other.
 *
 * @param name - What a spec from standard input is called.
 */
export function relocate(sources: readonly Source[], cwd: string, name: string): readonly Source[] {
  const paths = sources.map(({ path }) => resolve(cwd, path === "<stdin>" ? `${name}.xml` : path).split("/"));
  const depth = commonDepth(paths.map((path) => path.slice(0, -1)));
  return sources.map(({ content }, index) => ({ path: `specs/${paths[index]?.slice(depth).join("/")}`, content }));
}

/** How many folders all paths begin with. */
function commonDepth(folders: readonly (readonly string[])[]): number {
  const [first = []] = folders;
  const end = first.findIndex((part, index) => folders.some((folder) => folder[index] !== part));
  return end === -1 ? first.length : end;
}
