import type { Bus } from "@dbus-codegen-ts/runtime";
import {
  AuthorityService,
  type AuthorizationResult,
} from "@dbus-codegen-ts/stubs/org.freedesktop.PolicyKit1.Authority";

/** polkit's authority, which allows every action. */
class Authority extends AuthorityService {
  override checkAuthorization(): AuthorizationResult {
    return { isAuthorized: true, isChallenge: false, details: {} };
  }

  override cancelCheckAuthorization(): void {}
}

/** Serves the authority under polkit's name. */
export async function serveAuthority(bus: Bus): Promise<void> {
  await bus.serve("/org/freedesktop/PolicyKit1/Authority", new Authority());
  await bus.requestName("org.freedesktop.PolicyKit1");
}
