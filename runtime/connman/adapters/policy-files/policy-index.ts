import type { Identity, MatchedPolicy, SessionPolicy } from "../../policy/policy.ts";
import type { FilePolicy } from "./policy-file.ts";

interface RankedPolicy {
  readonly policy: SessionPolicy;
  /** Position of the policy in the list. The policy with the smallest rank applies. */
  readonly rank: number;
}

/** Policies by SELinux type, user and group. If several match, the first in the list applies. */
export class PolicyIndex {
  readonly #selinux = new Map<string, RankedPolicy>();
  readonly #uids = new Map<string | number, RankedPolicy>();
  readonly #gids = new Map<string | number, RankedPolicy>();

  constructor(policies: readonly FilePolicy[]) {
    for (const [rank, { match, policy }] of policies.entries()) {
      addIfAbsent(this.#selinux, match.selinux, { policy, rank });
      addIfAbsent(this.#uids, match.uid, { policy, rank });
      addIfAbsent(this.#gids, match.gid, { policy, rank });
    }
  }

  /** Returns the policy of an identity: the first match of SELinux type, user and groups, in this order. */
  find(identity: Identity): MatchedPolicy | undefined {
    const { selinux = "", uid, user, groups } = identity;
    const ofType = this.#selinux.get(selinux);
    if (ofType !== undefined) return matched(ofType, { selinux }, identity);
    const ofUser = uid === undefined ? undefined : firstByIdOrName(this.#uids, uid, user);
    if (ofUser !== undefined && uid !== undefined) return matched(ofUser, { uid }, identity);
    for (const { gid, name } of groups) {
      const ofGroup = firstByIdOrName(this.#gids, gid, name);
      if (ofGroup !== undefined) return matched(ofGroup, { gid }, identity);
    }
    return undefined;
  }

  /** Returns whether both indexes find the same policy objects for every identity. */
  equals(other: PolicyIndex): boolean {
    return (
      haveEqualPolicies(this.#selinux, other.#selinux) &&
      haveEqualPolicies(this.#uids, other.#uids) &&
      haveEqualPolicies(this.#gids, other.#gids)
    );
  }
}

function matched(
  { policy }: RankedPolicy,
  matchedBy: MatchedPolicy["matchedBy"],
  { uid, cgroup }: Identity,
): MatchedPolicy {
  const isSeparated = policy.separateByCgroup === true && uid !== undefined && cgroup !== undefined;
  return { policy, matchedBy, ...(isSeparated && { separated: { uid, cgroup } }) };
}

function addIfAbsent<K>(policies: Map<K, RankedPolicy>, key: K | undefined, policy: RankedPolicy): void {
  if (key !== undefined && !policies.has(key)) policies.set(key, policy);
}

/** Returns the policy for a number or the policy for a name, whichever has the smaller rank. */
function firstByIdOrName(
  policies: ReadonlyMap<string | number, RankedPolicy>,
  id: number,
  name: string | undefined,
): RankedPolicy | undefined {
  const byId = policies.get(id);
  const byName = name === undefined ? undefined : policies.get(name);
  return byId === undefined || (byName !== undefined && byName.rank < byId.rank) ? byName : byId;
}

/**
 * Returns whether both maps have the same keys with the same policies, in the same order. The entries of a map are in
 * the order of their ranks.
 */
function haveEqualPolicies<K>(left: ReadonlyMap<K, RankedPolicy>, right: ReadonlyMap<K, RankedPolicy>): boolean {
  const rightEntries = [...right];
  return (
    left.size === right.size &&
    [...left].every(
      ([key, { policy }], index) => rightEntries[index]?.[0] === key && rightEntries[index][1].policy === policy,
    )
  );
}
