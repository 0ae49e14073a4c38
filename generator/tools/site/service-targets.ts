/** Where a service is found. */
export interface ServiceSettings {
  /** Bus of the service; default: the session bus. */
  readonly bus?: "session" | "system";
  /** Object paths by interface. A key that ends in `.*` is the beginning of the names of several interfaces. */
  readonly objects?: Readonly<Record<string, string>>;
}

/** The object that snippets use. What is not known is absent. */
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
   * Returns the object with an interface: of the service whose `objects` have it, else of the service whose bus name is the
   * longest beginning of its name.
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
