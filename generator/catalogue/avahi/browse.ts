import { type Bus, DBusError, LimitsExceededError, type Subscription } from "@dbus-codegen-ts/runtime";
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

/** Largest number of changes that wait until the loop reads them. Any host in the network can cause changes. */
const MAX_WAITING_CHANGES = 10_000;

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
 * @throws DBusError if the search fails, or Avahi or this connection ends; LimitsExceededError if more than 10 000 changes
 *   wait until the loop reads them.
 */
export async function* browse(bus: Bus, type: string, options: BrowseOptions = {}): AsyncGenerator<ServiceChange> {
  const { domain = "", interface: index = ALL_INTERFACES, protocol = Protocol.Unspecified, signal } = options;
  if (signal?.aborted) return;
  const { destination } = AVAHI;
  const changes: ServiceChange[] = [];
  let error: Error | undefined;
  let wake = (): void => {};
  const fail = (reason: Error): void => {
    error ??= reason;
    wake();
  };
  const add = (change: ServiceChange): void => {
    if (error !== undefined) return;
    if (changes.length < MAX_WAITING_CHANGES) changes.push(change);
    else fail(new LimitsExceededError(`more than ${MAX_WAITING_CHANGES} changes came before they were taken`));
    wake();
  };
  const stop = (): void => wake();
  const server = new Server2Client(bus, AVAHI);
  const path = await server.serviceBrowserPrepare(index, protocol, type, domain, 0);
  const browser = new ServiceBrowserClient(bus, { destination, path });
  const { signals } = browser;
  const missed = { onMissed: fail };
  let isRunning = true;
  const subscriptions: Subscription[] = [];
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const owner = await bus.watchName(destination, (uniqueName) => {
      isRunning = uniqueName !== undefined;
    });
    subscriptions.push(owner);
    const added = await signals.itemNew.subscribe(
      (...[at, via, name, kind, where, flags]) =>
        add({ kind: "added", service: { interface: at, protocol: via, name, type: kind, domain: where }, flags }),
      missed,
    );
    subscriptions.push(added);
    const removed = await signals.itemRemove.subscribe(
      (...[at, via, name, kind, where]) =>
        add({ kind: "removed", service: { interface: at, protocol: via, name, type: kind, domain: where } }),
      missed,
    );
    subscriptions.push(removed);
    subscriptions.push(await signals.allForNow.subscribe(() => add({ kind: "complete" }), missed));
    const onFailure = (name: string): void => fail(new DBusError(name, `the search of ${type} has failed`));
    subscriptions.push(await signals.failure.subscribe(onFailure, missed));
    await browser.start();
    while (!signal?.aborted) {
      const change = changes.shift();
      if (change !== undefined) yield change;
      else if (error !== undefined) throw error;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    for (const subscription of subscriptions) await subscription.close();
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
