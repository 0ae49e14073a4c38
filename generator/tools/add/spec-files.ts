import type { OutputFile } from "../../compiler/print/print.ts";
import { readFiles } from "../../compiler/write/output-folder.ts";
import { planWrites, type WritePlan } from "../../compiler/write/write-plan.ts";
import { specFileName } from "../introspect/merge-objects.ts";
import { writeSpec } from "../introspect/spec-xml.ts";
import type { FoundSpec, Origin } from "./found-spec.ts";

/** The beginning of files that `add` wrote. Users remove the line from a file that they edit. */
const MARKER = "<!-- Written by dbus-codegen add; without this line the file is yours.";

const ORIGINS: Readonly<Record<Origin["kind"], string>> = {
  file: "From an installed file.",
  service: "From the running service.",
  catalogue: "From the catalogue of dbus-codegen.",
};

/** The spec files of an added service. */
export interface SpecFilesPlan {
  /** Files that earlier runs of `add` wrote, as they are on disk. */
  readonly before: readonly OutputFile[];
  /** Files that earlier runs and this one wrote, as they are after this run. */
  readonly after: readonly OutputFile[];
  /** Names of files whose interface was not found, or only in the catalogue. They remain as they are. */
  readonly kept: readonly string[];
  readonly plan: WritePlan;
}

/**
 * Plans to write the specs of a service into its folder. Files of users are not replaced, and no file is deleted: an
 * interface that is not found at present may belong to a device that is not connected.
 *
 * @param isDocumented - Whether specs keep the documentation of the place where they were found. It is false if
 *   overlays contain documentation.
 */
export async function planSpecFiles(
  specs: readonly FoundSpec[],
  folder: string,
  isDocumented: boolean,
): Promise<SpecFilesPlan> {
  const before = await addedFiles(folder);
  const isOlder = ({ iface, origin }: FoundSpec): boolean => {
    const text = before.get(specFileName(iface.name));
    return origin.kind === "catalogue" && text !== undefined && !text.startsWith(headOf(origin));
  };
  const files = specs.filter((spec) => !isOlder(spec)).map((spec) => specFile(spec, isDocumented));
  const names = new Set(files.map(({ path }) => path));
  const kept = [...before].filter(([path]) => !names.has(path)).map(([path, text]) => ({ path, text }));
  return {
    before: [...before].map(([path, text]) => ({ path, text })),
    after: [...files, ...kept],
    kept: kept.map(({ path }) => path),
    plan: planWrites(files, await readFiles(folder, (name) => names.has(name), isAdded)),
  };
}

/** Returns whether a folder contains specs that `add` wrote. */
export async function hasAddedSpecs(folder: string): Promise<boolean> {
  return (await addedFiles(folder)).size > 0;
}

async function addedFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = await readFiles(folder, (name) => name.endsWith(".xml"), isAdded);
  return new Map([...files].flatMap(([path, file]) => (file.kind === "ours" ? [[path, file.text]] : [])));
}

function isAdded(text: string): boolean {
  return text.startsWith(MARKER);
}

/** Returns the first line of a spec file. It contains no text from outside. */
function headOf({ kind }: Origin): string {
  return `${MARKER} ${ORIGINS[kind]} -->\n`;
}

function specFile({ iface, text, origin }: FoundSpec, isDocumented: boolean): OutputFile {
  const content = isDocumented && text !== undefined ? withoutXmlDeclaration(text) : writeSpec([iface]);
  return { path: specFileName(iface.name), text: headOf(origin) + content };
}

/** Removes the XML declaration of a spec, which is allowed only at the beginning of a file. */
function withoutXmlDeclaration(text: string): string {
  return text.replace(/^<\?xml[^?]*\?>\s*/, "");
}
