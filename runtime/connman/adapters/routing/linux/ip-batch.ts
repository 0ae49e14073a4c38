import { MAIN_TABLE, type RouteEvent } from "../../linux/monitor-line.ts";
import type { FamilyPlan, PlannedRoute } from "./routing-plan.ts";

/** Routing protocol number of the routes and rules of sessions. iproute2 assigns the number to no other program. */
export const PROTOCOL = 213;

/** Lines for `ip -batch` that replace one plan by another. */
export interface RoutingBatches {
  /** To run before the packet marks change: adds the new routes. Routes that both plans have are kept. */
  readonly add: readonly string[];
  /** To run after the packet marks have changed: removes the old routes. */
  readonly remove: readonly string[];
}

/** Returns the batches that replace the plan `from` by the plan `to`. */
export function routingBatches(from: FamilyPlan, to: FamilyPlan): RoutingBatches {
  const linesBefore = new Set(from.routes.map(lineOf));
  const tables = new Set(to.routes.map(({ table }) => table));
  const destinations = new Set(to.routes.map(destinationOf));
  const addedRoutes = to.routes.map(lineOf).filter((line) => !linesBefore.has(line));
  const removedRoutes = from.routes
    .filter((route) => !destinations.has(destinationOf(route)))
    .map((route) =>
      tables.has(route.table) ? removalOf(route) : `route flush table ${route.table} protocol ${PROTOCOL}`,
    );
  return {
    add: [
      ...addedRoutes.map((line) => `route replace ${line} protocol ${PROTOCOL}`),
      ...missingIn(from.rules, to.rules).map((rule) => `rule add ${rule} protocol ${PROTOCOL}`),
    ],
    remove: [
      ...missingIn(to.rules, from.rules).map((rule) => `rule del ${rule} protocol ${PROTOCOL}`),
      ...new Set(removedRoutes),
    ],
  };
}

/**
 * Returns lines for `ip -force -batch` that add the missing routes of a plan. The kernel removes routes together with
 * an address or interface, even if the address or interface returns immediately. Lines for existing routes fail without
 * effect.
 */
export function routeRepairBatch({ routes }: FamilyPlan): readonly string[] {
  return routes.map((route) => `route add ${lineOf(route)} protocol ${PROTOCOL}`);
}

/**
 * Returns whether routes of a plan may be missing after a change of a route. This is the case if a route of the main
 * table has changed, because it may lead to a gateway of the plan, or if a route of the plan was removed.
 *
 * @param tables - Numbers of the tables of the plan.
 */
export function mayRequireRepair({ table, isRemoval }: RouteEvent, tables: ReadonlySet<number>): boolean {
  return table === MAIN_TABLE || (isRemoval && tables.has(table));
}

/** Lines for `ip -batch` that remove all routes and rules with the number `PROTOCOL`. */
export const REMOVE_ALL_BATCH: readonly string[] = [
  `rule flush protocol ${PROTOCOL}`,
  `route flush table all protocol ${PROTOCOL}`,
];

function destinationOf({ table, destination }: PlannedRoute): string {
  return `${destination} table ${table}`;
}

function lineOf(route: PlannedRoute): string {
  return `${destinationOf(route)} ${route.nextHop}`;
}

/**
 * Returns a line that removes a route, and does not fail if the route is missing. It selects routes of type unicast
 * only: the unreachable route of a table is removed only with the whole table.
 */
function removalOf({ table, destination }: PlannedRoute): string {
  return `route flush table ${table} type unicast exact ${destination}`;
}

/** Returns the lines that are not in `present`. */
function missingIn(present: readonly string[], lines: readonly string[]): string[] {
  const presentLines = new Set(present);
  return lines.filter((line) => !presentLines.has(line));
}
