import { LinkAdministrativeState } from "@dbus-codegen-ts/stubs/org.freedesktop.network1.Link";
import type { NetworkService } from "../../../policy/service.ts";

/** States of systemd-networkd by interface name. A state is absent until it is read. */
export type ConfigurationStates = ReadonlyMap<string, LinkAdministrativeState>;

/**
 * Returns the services of the kernel whose interfaces systemd-networkd manages. A service is not ready before its
 * configuration has begun; if the configuration failed, so has the service. An unknown state has no effect.
 */
export function configuredServices(
  services: readonly NetworkService[],
  states: ConfigurationStates,
): readonly NetworkService[] {
  return services.flatMap((service) => {
    switch (states.get(service.interface)) {
      case undefined:
      case LinkAdministrativeState.Unmanaged:
      case LinkAdministrativeState.Linger:
        return [];
      case LinkAdministrativeState.Pending:
      case LinkAdministrativeState.Initialized:
        return [service.state === "idle" ? service : { ...service, state: "configuration" }];
      case LinkAdministrativeState.Failed:
        return [{ ...service, state: "failure", failure: "connect-failed" }];
      default:
        return [service];
    }
  });
}
