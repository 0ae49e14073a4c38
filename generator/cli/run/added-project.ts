import { relative } from "node:path";
import type { Config } from "../config/config.ts";
import { readProject } from "../config/project.ts";
import type { Shell } from "../shell.ts";
import { generateOnce } from "./generate.ts";

/** The folder for the specs of an added service, relative to the config. */
export interface AddedFolder {
  readonly path: string;
  /** Values to add to the setting `specs`. */
  readonly settings: readonly string[];
}

/** Folder of specs in a project without a config. */
const DEFAULT_FOLDER = "specs";

/** Returns the folder for the specs of a service: below the first folder of the config. */
export function addedFolder(config: Config | undefined, name: string): AddedFolder {
  const [folder] = specFolders(config);
  if (folder !== undefined) return { path: `${folder.replace(/\/+$/, "")}/${name}`, settings: [] };
  const path = `${DEFAULT_FOLDER}/${name}`;
  return { path, settings: config?.specs === undefined ? [DEFAULT_FOLDER] : [path] };
}

/** Returns the folders that the setting `specs` of a config names. */
export function specFolders(config: Config | undefined): readonly string[] {
  return config?.specs?.filter((path) => !path.endsWith(".xml") && !path.includes(":") && path !== "-") ?? [];
}

/** Generates the modules of a config and returns the exit code. */
export async function generateAdded(file: string, shell: Shell): Promise<number> {
  const project = await readProject(shell.cwd, { file }, { config: {}, text: { path: "<command line>", content: "" } });
  const usage = `dbus-codegen generate --config ${relative(shell.cwd, file)}`;
  return generateOnce(project, { mode: "write", format: "frame", isRepeated: false, isForced: false, usage }, shell);
}
