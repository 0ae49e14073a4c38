import { type Bus, DBusError } from "@dbus-codegen-ts/runtime";
import { Server2Client } from "./generated/org.freedesktop.Avahi.Server2.ts";
import { ServiceBrowserClient } from "./generated/org.freedesktop.Avahi.ServiceBrowser.ts";
import { type LookupResultFlags, Protocol } from "./generated/types.ts";
import { ALL_INTERFACES, AVAHI } from "./server.ts";
import { parseTxt } from "./txt.ts";

/** A service on one network interface. */
export interface FoundService {
  /** Number of the network interface. */
  readonly interface: number;
  readonly protocol: Protocol;
  /** Name that users see. */
  readonly name: string;
  /** Type, such as `_ipp._tcp`. */
  readonly type: string;
  readonly domain: string;
}

/** A change of the set of services that `browse` has found. */
export type ServiceChange =
  | { readonly kind: "added"; readonly service: FoundService; readonly flags: LookupResultFlags }
  | { readonly kind: "removed"; readonly service: FoundService }
  /** Avahi expects no further services soon: most services that exist now have been reported as added. */
  | { readonly kind: "complete" };

/** Options of `browse`. */
export interface BrowseOptions {
  /** Domain to search: the domain of the machine by default. */
  readonly domain?: string;
  /** Number of the network interface: all by default. */
  readonly interface?: number;
  /** Protocol of the queries, IPv4 or IPv6: both by default. */
  readonly protocol?: Protocol;
  /** Ends the iteration without an error when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Searches services of a type, and yields each change until the iteration ends.
 *
 * @param type - Type, such as `_ipp._tcp`, or with a subtype, such as `_color._sub._ipp._tcp`.
 * @throws DBusError if the search fails or Avahi ends.
 */
export async function* browse(bus: Bus, type: string, options: BrowseOptions = {}): AsyncGenerator<ServiceChange> {
  const { domain = "", interface: index = ALL_INTERFACES, protocol = Protocol.Unspecified, signal } = options;
  if (signal?.aborted) return;
  const { destination } = AVAHI;
  const changes: ServiceChange[] = [];
  let error: Error | undefined;
  let wake = (): void => {};
  const add = (change: ServiceChange): void => {
    changes.push(change);
    wake();
  };
  const fail = (name: string): void => {
    error = new DBusError(name, `the search of ${type} has failed`);
    wake();
  };
  const stop = (): void => wake();
  const server = new Server2Client(bus, AVAHI);
  const browser = new ServiceBrowserClient(bus, {
    destination,
    path: await server.serviceBrowserPrepare(index, protocol, type, domain, 0),
  });
  const { signals } = browser;
  let isRunning = true;
  const owner = await bus.watchName(destination, (uniqueName) => {
    isRunning = uniqueName !== undefined;
    if (!isRunning) fail("org.freedesktop.Avahi.DisconnectedError");
  });
  const subscriptions: AsyncDisposable[] = [];
  signal?.addEventListener("abort", stop, { once: true });
  try {
    subscriptions.push(
      await signals.itemNew.subscribe((...[at, via, name, kind, where, flags]) =>
        add({ kind: "added", service: { interface: at, protocol: via, name, type: kind, domain: where }, flags }),
      ),
      await signals.itemRemove.subscribe((...[at, via, name, kind, where]) =>
        add({ kind: "removed", service: { interface: at, protocol: via, name, type: kind, domain: where } }),
      ),
      await signals.allForNow.subscribe(() => add({ kind: "complete" })),
      await signals.failure.subscribe(fail),
    );
    await browser.start();
    while (!signal?.aborted) {
      const change = changes.shift();
      if (change !== undefined) yield change;
      else if (error !== undefined) throw error;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    await owner.close();
    for (const subscription of subscriptions) await subscription[Symbol.asyncDispose]();
    // A call would start Avahi.
    if (isRunning) await browser.free().catch(ignoreRefusal);
  }
}

/** A found service with its host, address, port and TXT record. */
export interface ResolvedService extends FoundService {
  /** Name of the host, such as `desk.local`. */
  readonly host: string;
  /** IP address as text. A link-local IPv6 address is valid only on the network interface `interface`. */
  readonly address: string;
  readonly port: number;
  /** Values of the TXT record by key, as `parseTxt` returns them. */
  readonly values: ReadonlyMap<string, string | true>;
  /** Entries of the TXT record as Avahi sends them, each `key=value` or `key` as bytes. */
  readonly txt: readonly Uint8Array[];
}

/**
 * Resolves a found service to its host, address, port and TXT record.
 *
 * @param addressProtocol - Protocol of the address: any by default.
 * @throws TimeoutError if Avahi receives no answer within a few seconds.
 */
export async function resolveService(
  bus: Bus,
  service: FoundService,
  addressProtocol: Protocol = Protocol.Unspecified,
): Promise<ResolvedService> {
  const { interface: index, protocol, name, type, domain } = service;
  const [at, via, foundName, foundType, foundDomain, host, , address, port, txt] = await new Server2Client(
    bus,
    AVAHI,
  ).resolveService(index, protocol, name, type, domain, addressProtocol, 0);
  const found = { interface: at, protocol: via, name: foundName, type: foundType, domain: foundDomain };
  return { ...found, host, address, port, values: parseTxt(txt), txt };
}

/** Ignores a DBusError, with which Avahi refuses a call, and throws any other error. */
export function ignoreRefusal(error: unknown): void {
  if (!(error instanceof DBusError)) throw error;
}
