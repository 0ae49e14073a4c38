import { Authority, AuthorityService } from "@dbus-codegen-ts/polkit/org.freedesktop.PolicyKit1.Authority";
import type { Bus } from "@dbus-codegen-ts/runtime";
import { partial } from "../../runtime/core/fixtures/partial-service.ts";

/** polkit's authority, which allows every action. */
class TestAuthority
  extends partial(AuthorityService, Authority)
  implements Pick<AuthorityService, "checkAuthorization" | "cancelCheckAuthorization">
{
  checkAuthorization() {
    return { isAuthorized: true, isChallenge: false, details: {} };
  }

  cancelCheckAuthorization(): void {}
}

/** Serves the authority under polkit's name. */
export async function serveAuthority(bus: Bus): Promise<void> {
  await bus.serve("/org/freedesktop/PolicyKit1/Authority", new TestAuthority());
  await bus.requestName("org.freedesktop.PolicyKit1");
}
