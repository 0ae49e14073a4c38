import { AdministrativeState } from "@dbus-codegen-ts/network/org.freedesktop.network1.Manager";
import type { NetworkService } from "../../../policy/service.ts";

/** States of systemd-networkd by interface name. A state is absent until it is read. */
export type ConfigurationStates = ReadonlyMap<string, AdministrativeState>;

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
      case AdministrativeState.Unmanaged:
      case AdministrativeState.Linger:
        return [];
      case AdministrativeState.Pending:
      case AdministrativeState.Initialized:
        return [service.state === "idle" ? service : { ...service, state: "configuration" }];
      case AdministrativeState.Failed:
        return [{ ...service, state: "failure", failure: "connect-failed" }];
      default:
        return [service];
    }
  });
}
