import type { Bus } from "@dbus-codegen-ts/runtime";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { LiveObject } from "../introspect/live-document.ts";
import { mergeObjects } from "../introspect/merge-objects.ts";
import { readObjectTree } from "../introspect/object-tree.ts";
import type { AddedService } from "./added-service.ts";
import type { FoundSpec } from "./found-spec.ts";

/** A bus with the names of its services. */
export interface ServiceBus {
  /** `session`, `system` or an address. */
  readonly label: string;
  readonly bus: Pick<Bus, "call">;
  /** Names that have an owner, without unique names. */
  readonly running: readonly string[];
  /** Names of services that the bus starts when they are called. */
  readonly activatable: readonly string[];
}

/** A bus name of a service. */
export interface ServiceAddress {
  readonly bus: ServiceBus;
  readonly name: string;
}

/** The specs of a running service. */
export interface RunningSpecs {
  readonly specs: readonly FoundSpec[];
  /** Object paths by interface, of the interfaces that exactly one object has. */
  readonly objects: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Returns the bus name of a service, or undefined. The bus of the catalogue has precedence, then the order of the names in
 * the catalogue, then the longest name.
 * @param kind - Whether the service runs, or only can be started.
 */
export function findService(
  buses: readonly ServiceBus[],
  { api, hasBusName }: AddedService,
  kind: "running" | "activatable",
): ServiceAddress | undefined {
  const preferred = buses.toSorted((a, b) => Number(b.label === api?.bus) - Number(a.label === api?.bus));
  for (const bus of preferred) {
    const names = bus[kind].filter(hasBusName);
    const listed = api?.names.find((name) => names.includes(name));
    const [longest] = names.toSorted((a, b) => b.length - a.length || compareText(a, b));
    const name = listed ?? longest;
    if (name !== undefined) return { bus, name };
  }
  return undefined;
}

/**
 * Introspects a service. A service that does not run is started by the bus. The data of the service is validated like
 * any spec.
 */
export async function readRunningService(
  { bus: { bus, label }, name }: ServiceAddress,
  service: AddedService,
): Promise<RunningSpecs> {
  const { objects, diagnostics } = await readObjectTree(bus, name, service.api?.path ?? "/");
  const merged = mergeObjects(objects);
  const origin = { kind: "service", name, bus: label } as const;
  const interfaces = merged.interfaces.filter((iface) => service.hasInterface(iface.name));
  return {
    specs: interfaces.map((iface) => ({ iface, origin })),
    objects: onlyObjects(objects, service),
    diagnostics: [...diagnostics, ...merged.diagnostics],
  };
}

function onlyObjects(objects: readonly LiveObject[], service: AddedService): Readonly<Record<string, string>> {
  const paths = new Map<string, Set<string>>();
  for (const { path, interfaces } of objects)
    for (const { name } of interfaces) paths.set(name, (paths.get(name) ?? new Set()).add(path));
  const only = [...paths].flatMap(([name, [path, second]]) =>
    path !== undefined && second === undefined && service.hasInterface(name) ? [[name, path] as const] : [],
  );
  return Object.fromEntries(only.toSorted(([a], [b]) => compareText(a, b)));
}
