import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { type AddedService, addedService } from "../../tools/add/added-service.ts";
import { readCatalogueSpecs } from "../../tools/add/catalogue-specs.ts";
import { chooseSpecs } from "../../tools/add/choose-specs.ts";
import type { FoundSpec } from "../../tools/add/found-spec.ts";
import { installedInterfaces, installedSpecFolders, readInstalledSpecs } from "../../tools/add/installed-specs.ts";
import {
  findService,
  readRunningService,
  type ServiceAddress,
  type ServiceBus,
} from "../../tools/add/running-service.ts";
import type { Api } from "../../tools/catalogue/catalogue.ts";
import type { ServiceSettings } from "../../tools/site/service-targets.ts";
import { UsageError } from "../usage-error.ts";
import { count } from "./report.ts";

/** A service with the specs that were found on this machine. */
export interface FoundService {
  readonly service: AddedService;
  /** The specs that were found, sorted by interface. */
  readonly specs: readonly FoundSpec[];
  /** Settings of the service by its bus name; empty if its bus name is not known. */
  readonly services: Readonly<Record<string, ServiceSettings>>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Searches the specs of a service in installed files, on the buses and in the catalogue. A service that does not run is
 * started only if no file describes it.
 *
 * @throws UsageError if the name is neither in the catalogue nor a bus name or interface name.
 */
export async function findServiceSpecs(
  name: string,
  catalogue: readonly Api[],
  buses: readonly ServiceBus[],
): Promise<FoundService> {
  const service = addedService(name, catalogue);
  if (service === undefined) throw new UsageError(await unknownName(name, catalogue, buses));
  const installed = await readInstalledSpecs(installedSpecFolders(process.env), service);
  const inCatalogue = service.api === undefined ? [] : await readCatalogueSpecs(service.api);
  const isDescribed = installed.specs.length + inCatalogue.length > 0;
  const activatable = findService(buses, service, "activatable");
  const address = findService(buses, service, "running") ?? (isDescribed ? undefined : activatable);
  const running =
    address === undefined ? { specs: [], objects: {}, diagnostics: [] } : await readRunningService(address, service);
  const chosen = chooseSpecs({ installed: installed.specs, running: running.specs, catalogue: inCatalogue });
  const diagnostics = [...installed.diagnostics, ...running.diagnostics, ...chosen.diagnostics];
  const services = serviceSettings(service, address ?? activatable, running.objects);
  return { service, specs: chosen.specs, services, diagnostics };
}

/**
 * Returns the settings of a service: its bus and objects, by its bus name. Without an address, the bus and name of the
 * catalogue are used.
 */
function serviceSettings(
  { api }: AddedService,
  address: ServiceAddress | undefined,
  running: Readonly<Record<string, string>>,
): FoundService["services"] {
  const name = address?.name ?? api?.names.find((candidate) => !candidate.endsWith(".*"));
  if (name === undefined) return {};
  const label = address?.bus.label;
  const bus = label === "session" || label === "system" ? label : api?.bus;
  // Services of the catalogue have the interface of their name at the conventional path.
  const conventional = api?.interfaces.includes(name) ? { [name]: `/${name.replaceAll(".", "/")}` } : {};
  const objects = { ...conventional, ...running };
  return { [name]: { ...(bus && { bus }), ...(Object.keys(objects).length > 0 && { objects }) } };
}

/** Returns the message for a name for which no spec was found. The message suggests a similar name. */
export async function unknownName(
  name: string,
  catalogue: readonly Api[],
  buses: readonly ServiceBus[],
): Promise<string> {
  const known = [
    ...catalogue.flatMap((api) => [api.name, ...api.names, ...api.interfaces]),
    ...buses.flatMap(({ running, activatable }) => [...running, ...activatable]),
    ...(await installedInterfaces(installedSpecFolders(process.env))),
  ];
  const nearest = nearestWord(name, known);
  const hint =
    nearest === undefined ? '"dbus-codegen add --list" lists the services of this machine' : `did you mean ${nearest}?`;
  return `no spec of "${name}" was found in installed files, on the buses or in the catalogue; ${hint}`;
}

/** Returns a line for each place from which specs were taken. */
export function originLines(specs: readonly FoundSpec[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { origin } of specs) {
    const place =
      origin.kind === "file"
        ? origin.path.replace(/\/[^/]*$/, "")
        : origin.kind === "service"
          ? `${origin.name} on ${origin.bus === "session" || origin.bus === "system" ? `the ${origin.bus} bus` : origin.bus}`
          : `the catalogue (${origin.version})`;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return [...counts].map(([place, number]) => `  ${count(number, "interface")} from ${place}`);
}
