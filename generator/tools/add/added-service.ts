import { isBusName, isInterfaceName } from "@dbus-codegen-ts/runtime/grammar";
import type { Api } from "../catalogue/catalogue.ts";
import { hasBusName } from "../catalogue/catalogue.ts";

/** The service that the argument of `add` names. */
export interface AddedService {
  /** Name of the folder for the specs of the service. */
  readonly folder: string;
  /** The service in the catalogue; absent if the catalogue does not contain it. */
  readonly api?: Api;
  /** Returns whether an interface belongs to the service. */
  hasInterface(name: string): boolean;
  /** Returns whether a bus name may belong to the service. */
  hasBusName(name: string): boolean;
  /** Texts that a file can contain if it is a spec of the service. A file without any of them is not parsed. */
  readonly interfacePrefixes: readonly string[];
}

/**
 * Returns the service with a name of the catalogue, a bus name or the name of an interface. Undefined for a text that is
 * not such a name.
 */
export function addedService(name: string, catalogue: readonly Api[]): AddedService | undefined {
  const api = catalogue.find(
    (candidate) => candidate.name === name || hasBusName(candidate, name) || candidate.interfaces.includes(name),
  );
  if (api !== undefined) return serviceOf(api);
  if (!isBusName(name) || name.startsWith(":") || !isInterfaceName(name)) return undefined;
  return {
    folder: name,
    hasInterface: (candidate) => isWithin(candidate, name),
    hasBusName: (candidate) => isWithin(name, candidate),
    interfacePrefixes: [name],
  };
}

function serviceOf(api: Api): AddedService {
  const prefixes = api.names.map((name) => name.replace(/\.\*$/, ""));
  const interfaces = new Set(api.interfaces);
  return {
    folder: api.name,
    api,
    hasInterface: (name) => interfaces.has(name) || prefixes.some((prefix) => isWithin(name, prefix)),
    hasBusName: (name) => hasBusName(api, name),
    interfacePrefixes: [...prefixes, ...interfaces],
  };
}

/**
 * Returns whether a name is `prefix`, or begins with it and a dot: `org.example.Lamp1` and `org.example.Lamp1.Switch`.
 */
function isWithin(name: string, prefix: string): boolean {
  return name === prefix || name.startsWith(`${prefix}.`);
}
