import type { Dialect } from "../policy/dialect.ts";
import { type Connection, connectionAfter, connectionTo } from "../policy/reported-settings.ts";
import { isConnected, type NetworkService } from "../policy/service.ts";
import { choose, serves } from "../policy/session-request.ts";
import type { AllocationState } from "./session-group.ts";

/** The services there are, by id, the one to prefer first. */
export type Services = ReadonlyMap<string, NetworkService>;

/** How the services have changed. */
export interface ServicesChange {
  readonly before: Services;
  readonly now: Services;
  /** Ids of services that are other than before, or gone. */
  readonly ids: ReadonlySet<string>;
  /** Names of the interfaces they were, or are, on. */
  readonly interfaces: ReadonlySet<string>;
  /** Services that have come up, or further up. */
  readonly risen: readonly NetworkService[];
}

/** How services have changed; undefined where they have not. */
export function servicesChange(before: Services, now: Services): ServicesChange | undefined {
  const changed = [...before.values(), ...now.values()].filter(({ id }) => before.get(id) !== now.get(id));
  if (changed.length === 0) return undefined;
  return {
    before,
    now,
    ids: new Set(changed.map(({ id }) => id)),
    interfaces: new Set(changed.map((service) => service.interface)),
    risen: [...now.values()].filter(
      (service) => isConnected(service) && before.get(service.id)?.state !== service.state,
    ),
  };
}

/**
 * What a session gets in a situation.
 *
 * @param before - What it has.
 * @param afresh - Whether it is told of the same service as of another.
 */
export function assigned(
  dialect: Dialect,
  services: Services,
  { demand, held, parked, waiting }: AllocationState,
  before: Connection,
  afresh: boolean,
): Connection {
  const current = services.get(before.service ?? "");
  const keeps = held && current !== undefined && serves(demand, current);
  const next = waiting || parked ? undefined : keeps ? current : choose(demand, services.values(), before.service);
  const isSame = next?.id === before.service && !afresh && dialect.state === "of assignment";
  return isSame ? before : connectionTo(dialect, demand, next);
}

/** Whether sessions in a situation have a service that no longer serves. */
export function hasLost(services: Services, { demand }: AllocationState, { service }: Connection): boolean {
  const now = services.get(service ?? "");
  return service !== undefined && (now === undefined || !serves(demand, now));
}

/** What sessions get in a situation after services have changed; undefined where they keep what they have. */
export function reassigned(
  dialect: Dialect,
  { before, now, risen }: ServicesChange,
  { demand, held, parked, waiting }: AllocationState,
  has: Connection,
): Connection | undefined {
  if (waiting || (parked && !risen.some((service) => serves(demand, service)))) return undefined;
  const current = now.get(has.service ?? "");
  const next = held && current !== undefined ? current : choose(demand, now.values(), has.service);
  if (next === current && next === before.get(has.service ?? "")) return undefined;
  return next !== undefined && next === current
    ? connectionAfter(dialect, demand, has, next)
    : connectionTo(dialect, demand, next);
}
