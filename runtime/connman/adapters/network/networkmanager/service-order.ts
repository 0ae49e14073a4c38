import type { Bearer } from "../../../policy/service.ts";
import { isConnected } from "../../../policy/service.ts";
import type { ManagedService } from "./objects.ts";

/** A service with the properties that decide about its place in the order, besides those of the service itself. */
export interface RankedService extends ManagedService {
  readonly metric: number;
  readonly isMetered: boolean;
  readonly priority: number;
}

const RANKS: readonly Bearer[] = ["ethernet", "gadget", "wifi", "bluetooth", "cellular", "vpn", "wimax"];

/** Compares bearers: the preferred one comes first. */
export function byRank(left: Bearer, right: Bearer): number {
  return RANKS.indexOf(left) - RANKS.indexOf(right);
}

/** Compares services: the preferred one comes first. */
export function byPreference(left: RankedService, right: RankedService): number {
  if (left.metric !== right.metric) return left.metric < right.metric ? -1 : 1;
  return (
    firstIf(isConnected(left.service), isConnected(right.service)) ||
    firstIf(left.service.autoConnect, right.service.autoConnect) ||
    firstIf(!left.isMetered, !right.isMetered) ||
    byRank(left.service.bearer, right.service.bearer) ||
    right.priority - left.priority ||
    (right.service.strength ?? 0) - (left.service.strength ?? 0) ||
    compareTexts(left.service.interface, right.service.interface) ||
    compareTexts(left.service.id, right.service.id)
  );
}

function firstIf(left: boolean, right: boolean): number {
  return Number(right) - Number(left);
}

/** Compares texts by their letters and the values of the numbers in them. */
export const { compare: compareTexts } = new Intl.Collator("en", { numeric: true });
