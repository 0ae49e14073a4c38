import type { FamilyPlan, PlannedRoute } from "./routing-plan.ts";

/** Marks our routes and rules, in `ip route` and `ip rule`: no number that iproute2 knows of another program. */
const PROTOCOL = 213;

/** Lines for `ip -batch` that lead from one plan to another. */
export interface RoutingBatches {
  /** To do before marks change: afterwards the routing of both plans is there, where they agree. */
  readonly add: readonly string[];
  /** To do after marks have changed. */
  readonly remove: readonly string[];
}

/** What must be done where `from` holds so that `to` holds. */
export function routingBatches(from: FamilyPlan, to: FamilyPlan): RoutingBatches {
  const before = new Set(from.routes.map(lineOf));
  const tables = new Set(to.routes.map(({ table }) => table));
  const destinations = new Set(to.routes.map(placeOf));
  const routes = to.routes.map(lineOf).filter((line) => !before.has(line));
  const stale = from.routes
    .filter((route) => !destinations.has(placeOf(route)))
    .map((route) =>
      tables.has(route.table) ? withoutRoute(route) : `route flush table ${route.table} protocol ${PROTOCOL}`,
    );
  return {
    add: [
      ...routes.map((line) => `route replace ${line} protocol ${PROTOCOL}`),
      ...missing(to.rules, from.rules).map((rule) => `rule add ${rule} protocol ${PROTOCOL}`),
    ],
    remove: [
      ...missing(from.rules, to.rules).map((rule) => `rule del ${rule} protocol ${PROTOCOL}`),
      ...new Set(stale),
    ],
  };
}

/**
 * Lines for `ip -force -batch` that put back routes of a plan that are missing: the kernel takes routes away with an
 * address or a link, even if it comes back at once. Routes that are there are refused, and stay as they are.
 */
export function routeRepairBatch({ routes }: FamilyPlan): readonly string[] {
  return routes.map((route) => `route add ${lineOf(route)} protocol ${PROTOCOL}`);
}

/** Lines for `ip -batch` that remove everything of ours, whatever of it is there. */
export const REMOVE_ALL_BATCH: readonly string[] = [
  `rule flush protocol ${PROTOCOL}`,
  `route flush table all protocol ${PROTOCOL}`,
];

function placeOf({ table, destination }: PlannedRoute): string {
  return `${destination} table ${table}`;
}

function lineOf(route: PlannedRoute): string {
  return `${placeOf(route)} ${route.way}`;
}

/** The route that cannot be reached is in every table, so that it is never this one. Missing routes are no failure. */
function withoutRoute({ table, destination }: PlannedRoute): string {
  return `route flush table ${table} type unicast exact ${destination}`;
}

function missing(wanted: readonly string[], there: readonly string[]): string[] {
  const known = new Set(there);
  return wanted.filter((line) => !known.has(line));
}
