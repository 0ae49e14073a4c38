/** Settings of a service: its bus and its objects. */
export interface ServiceSettings {
  /** Bus of the service; default: the session bus. */
  readonly bus?: "session" | "system";
  /** Object paths by interface. A key that ends in `.*` applies to all interfaces whose names begin with it. */
  readonly objects?: Readonly<Record<string, string>>;
}

/** The object that snippets use. Values that are not known are absent. */
export interface SnippetTarget {
  readonly bus: "session" | "system";
  readonly destination?: string;
  readonly path?: string;
}

/** The known services by interface. */
export class ServiceTargets {
  readonly #services: readonly (readonly [destination: string, settings: ServiceSettings])[];

  /** @param services - Settings by bus name. */
  constructor(services: Readonly<Record<string, ServiceSettings>>) {
    this.#services = Object.entries(services);
  }

  /**
   * Returns the object that snippets use for an interface. It is an object of the service whose `objects` contain the
   * interface or, without such a service, of the service whose bus name is the longest beginning of the interface name.
   */
  of(iface: string): SnippetTarget {
    const candidates = this.#services.flatMap(([destination, { bus = "session", objects = {} }]) => {
      const paths = Object.entries(objects).map(([pattern, path]) => ({ path, precision: precision(pattern, iface) }));
      const [object] = paths.filter((entry) => entry.precision > 0).toSorted((a, b) => b.precision - a.precision);
      if (object !== undefined) return [{ destination, bus, path: object.path, rank: 1000 + object.precision }];
      const rank = iface === destination || iface.startsWith(`${destination}.`) ? destination.length : 0;
      return rank === 0 ? [] : [{ destination, bus, rank }];
    });
    const [best] = candidates.toSorted((a, b) => b.rank - a.rank);
    if (best === undefined) return { bus: "session" };
    const { rank: _, ...target } = best;
    return target;
  }
}

/** Returns how exactly a pattern matches the name of an interface; 0 if it does not match. */
function precision(pattern: string, iface: string): number {
  if (pattern === iface) return iface.length + 1;
  return pattern.endsWith(".*") && iface.startsWith(pattern.slice(0, -1)) ? pattern.length : 0;
}
