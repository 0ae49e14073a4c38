import type { SessionAction } from "../adapters/authorization/authorizer.ts";
import type { RoamingPolicy, SessionPolicy } from "../policy/policy.ts";
import type { RequestedSettings } from "../policy/requested-settings.ts";

/** Roaming policies, from the most restrictive to the least. */
const ROAMING_POLICIES: readonly RoamingPolicy[] = ["forbidden", "default", "national", "international", "always"];

/** Returns the actions that an authorizer must allow before settings apply, because the policy does not allow them. */
export function requiredAuthorizations(
  change: Partial<RequestedSettings>,
  policy: SessionPolicy | undefined,
): readonly SessionAction[] {
  const actions: SessionAction[] = [];
  if (change.emergencyCall && !policy?.emergencyCall) actions.push("net.connman.session.emergency-call");
  const requested = change.roamingPolicy ?? "forbidden";
  const allowed = policy?.roamingPolicy ?? "forbidden";
  if (ROAMING_POLICIES.indexOf(requested) > ROAMING_POLICIES.indexOf(allowed)) {
    actions.push("net.connman.session.roaming-policy");
  }
  return actions;
}
