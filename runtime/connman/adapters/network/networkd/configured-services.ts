import { AdministrativeState } from "@dbus-codegen-ts/network/org.freedesktop.network1.Manager";
import type { NetworkService } from "../../../policy/service.ts";

/** Administrative states of systemd-networkd by interface name. An entry is absent until the state is read. */
export type ConfigurationStates = ReadonlyMap<string, AdministrativeState>;

/**
 * Returns the services whose interfaces systemd-networkd manages, with the state that systemd-networkd reports for each
 * interface. A service whose configuration has not begun has the state `configuration` at most. A service whose
 * configuration failed has the state `failure`. An unknown state has no effect.
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
