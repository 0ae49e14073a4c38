import type { SessionAction } from "../adapters/authorization/authorizer.ts";
import type { RoamingPolicy, SessionPolicy } from "../policy/policy.ts";
import type { RequestedSettings } from "../policy/requested-settings.ts";

/** From the narrowest to the widest. */
const ROAMING: readonly RoamingPolicy[] = ["forbidden", "default", "national", "international", "always"];

/** What somebody has to allow before a client gets what it asks for: what its policy does not allow already. */
export function grantsNeeded(
  change: Partial<RequestedSettings>,
  policy: SessionPolicy | undefined,
): readonly SessionAction[] {
  const needed: SessionAction[] = [];
  if (change.emergencyCall && !policy?.emergencyCall) needed.push("net.connman.session.emergency-call");
  const allowed = policy?.roamingPolicy ?? "forbidden";
  if (ROAMING.indexOf(change.roamingPolicy ?? "forbidden") > ROAMING.indexOf(allowed)) {
    needed.push("net.connman.session.roaming-policy");
  }
  return needed;
}
