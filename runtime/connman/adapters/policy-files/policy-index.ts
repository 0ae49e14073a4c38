import type { Identity, MatchedPolicy, SessionPolicy } from "../../policy/policy.ts";
import type { FilePolicy } from "./policy-file.ts";

interface Placed {
  readonly policy: SessionPolicy;
  /** Smaller goes first. */
  readonly rank: number;
}

/** Policies by whom they are for. Of several for the same one the first counts. */
export class PolicyIndex {
  readonly #selinux = new Map<string, Placed>();
  readonly #uids = new Map<string | number, Placed>();
  readonly #gids = new Map<string | number, Placed>();

  constructor(policies: readonly FilePolicy[]) {
    for (const [rank, { match, policy }] of policies.entries()) {
      addFirst(this.#selinux, match.selinux, { policy, rank });
      addFirst(this.#uids, match.uid, { policy, rank });
      addFirst(this.#gids, match.gid, { policy, rank });
    }
  }

  /** The policy for an identity: by SELinux type, then user, then each group; the first found. */
  find({ selinux = "", uid, user, groups }: Identity): MatchedPolicy | undefined {
    const forType = this.#selinux.get(selinux);
    if (forType !== undefined) return { policy: forType.policy, matchedBy: { selinux } };
    const forUser = uid === undefined ? undefined : first(this.#uids, uid, user);
    if (forUser !== undefined && uid !== undefined) return { policy: forUser.policy, matchedBy: { uid } };
    for (const { gid, name } of groups) {
      const forGroup = first(this.#gids, gid, name);
      if (forGroup !== undefined) return { policy: forGroup.policy, matchedBy: { gid } };
    }
    return undefined;
  }

  /** Whether everybody finds the same policy objects here and there. */
  equals(other: PolicyIndex): boolean {
    return same(this.#selinux, other.#selinux) && same(this.#uids, other.#uids) && same(this.#gids, other.#gids);
  }
}

function addFirst<K>(to: Map<K, Placed>, key: K | undefined, placed: Placed): void {
  if (key !== undefined && !to.has(key)) to.set(key, placed);
}

/** The first of what there is by a number and by a name. */
function first(all: ReadonlyMap<string | number, Placed>, id: number, name: string | undefined): Placed | undefined {
  const byId = all.get(id);
  const byName = name === undefined ? undefined : all.get(name);
  return byId === undefined || (byName !== undefined && byName.rank < byId.rank) ? byName : byId;
}

/** Maps keep the order in which keys were added, which is that of the ranks. */
function same<K>(one: ReadonlyMap<K, Placed>, other: ReadonlyMap<K, Placed>): boolean {
  const others = [...other];
  return (
    one.size === others.length &&
    [...one].every(([key, { policy }], index) => others[index]?.[0] === key && others[index][1].policy === policy)
  );
}
