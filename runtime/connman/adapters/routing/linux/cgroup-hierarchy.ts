import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../linux/command.ts";
import type { RouteOwner, SessionRoute } from "../routing.ts";

/** Folder below which nft finds control groups. */
const CGROUP_FOLDER = "/sys/fs/cgroup";

/** The hierarchy of control groups (cgroup v2) of this machine. */
export interface CgroupHierarchy {
  /** Path of the root of the hierarchy. */
  readonly folder: string;
  /**
   * Path of the root of the hierarchy below `/sys/fs/cgroup`, with a final slash; empty if the root is
   * `/sys/fs/cgroup`.
   */
  readonly prefix: string;
}

/** Checks with nft, without changing anything, whether packets can be selected by control group. */
const PROBE = `table inet dbus_codegen_probe {
	set probe { type uid . cgroupsv2; }
	chain probe {
		type route hook output priority mangle;
		meta skuid . socket cgroupv2 level 1 @probe drop
	}
}
`;

/** Traffic of a control group cannot be selected on this machine. */
class CgroupsUnsupportedError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`traffic cannot be selected by control group: ${reason}`, options);
    this.name = "CgroupsUnsupportedError";
  }
}

/**
 * Returns the hierarchy of control groups.
 *
 * @throws CgroupsUnsupportedError if kernel or nft do not support it, or without cgroup v2 below `/sys/fs/cgroup`.
 */
export async function cgroupHierarchy(): Promise<CgroupHierarchy> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" "));
  const folder = mounts.findLast(([, path = "", type]) => type === "cgroup2" && isBelow(path))?.[1];
  if (folder === undefined) throw new CgroupsUnsupportedError(`no cgroup v2 below ${CGROUP_FOLDER}`);
  try {
    await runCommand("nft", ["-c", "-f", "-"], { input: PROBE });
  } catch (cause) {
    throw new CgroupsUnsupportedError(cause instanceof Error ? cause.message : "nft fails", { cause });
  }
  return { folder, prefix: folder === CGROUP_FOLDER ? "" : `${folder.slice(CGROUP_FOLDER.length + 1)}/` };
}

/** Returns whether an owner of traffic is a control group. */
export function hasCgroup(owner: RouteOwner): boolean {
  return owner !== undefined && "cgroup" in owner;
}

/**
 * Returns the routes, except routes of control groups that do not exist, because nft would reject the whole table.
 * Without `hierarchy`, a route of a control group applies to the whole user instead.
 */
export async function withExistingCgroups(
  routes: readonly SessionRoute[],
  hierarchy: CgroupHierarchy | undefined,
): Promise<readonly SessionRoute[]> {
  const existing = await Promise.all(
    routes.map(async (route) => {
      const { owner } = route;
      if (owner === undefined || !("cgroup" in owner)) return route;
      if (hierarchy === undefined) return { ...route, owner: { uid: owner.uid } };
      const path = join(hierarchy.folder, owner.cgroup);
      return access(path).then(
        () => route,
        () => undefined,
      );
    }),
  );
  return existing.flatMap((route) => route ?? []);
}

function isBelow(path: string): boolean {
  return path === CGROUP_FOLDER || path.startsWith(`${CGROUP_FOLDER}/`);
}
