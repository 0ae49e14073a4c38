import type { Bus } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { ignoreRefusal } from "./browse.ts";
import { EntryGroupClient } from "./generated/org.freedesktop.Avahi.EntryGroup.ts";
import { Server2Client } from "./generated/org.freedesktop.Avahi.Server2.ts";
import { CollisionError } from "./generated/org.freedesktop.Avahi.ts";
import { EntryGroupState, Protocol } from "./generated/types.ts";
import { ALL_INTERFACES, AVAHI } from "./server.ts";
import { formatTxt } from "./txt.ts";

/** A service to publish. */
export interface PublishedService {
  /** Name that users see. */
  readonly name: string;
  /** Type, such as `_ipp._tcp`. */
  readonly type: string;
  readonly port: number;
  /** Values of the TXT record by key: none by default. */
  readonly values?: Readonly<Record<string, string | Uint8Array | true>>;
  /** Subtypes, such as `_color._sub._ipp._tcp`. */
  readonly subtypes?: readonly string[];
  /** Domain in which the service is published: the domain of the machine by default. */
  readonly domain?: string;
  /** Number of the network interface: all by default. */
  readonly interface?: number;
}

/** Number of rejected names in a row after which `publish` fails. Any host in the network can claim every name. */
const MAX_NAMES = 32;

/** A service that is published. Disposing of it withdraws the service. */
export interface Publication extends AsyncDisposable {
  /**
   * Aborts, with an error as its reason, when the service is no longer published: Avahi or the connection has ended, Avahi
   * has failed, or 32 names in a row belong to other services.
   */
  readonly ended: AbortSignal;
  /** Name of the service, which differs from the requested name after a collision. */
  readonly name: string;
  /** Replaces the values of the TXT record. */
  update(values: Readonly<Record<string, string | Uint8Array | true>>): Promise<void>;
}

/**
 * Publishes a service, until it is withdrawn or the bus is closed. If another service already has the name, the service
 * is published under a similar name.
 *
 * @returns The publication, after Avahi has checked the name.
 * @throws DBusError if Avahi refuses the service or leaves the bus; Error if Avahi fails, or 32 names in a row
 *   belong to other services.
 */
export async function publish(bus: Bus, service: PublishedService): Promise<Publication> {
  const { type, port, values = {}, subtypes = [], domain = "", interface: index = ALL_INTERFACES } = service;
  let { name } = service;
  let txt = formatTxt(values);
  let namesUsedByOthers = 0;
  const server = new Server2Client(bus, AVAHI);
  const group = new EntryGroupClient(bus, { destination: AVAHI.destination, path: await server.entryGroupNew() });
  const at = [index, Protocol.Unspecified, 0] as const;
  const offer = async (): Promise<void> => {
    for (;;) {
      try {
        await group.addService(...at, name, type, domain, "", port, txt);
        for (const subtype of subtypes) await group.addServiceSubtype(...at, name, type, domain, subtype);
        return await group.commit();
      } catch (error) {
        if (!(error instanceof CollisionError)) throw error;
        await rename();
      }
    }
  };
  const rename = async (): Promise<void> => {
    if (++namesUsedByOthers >= MAX_NAMES) throw new Error(`${MAX_NAMES} names like ${service.name} are used by others`);
    await group.reset();
    name = await server.getAlternativeServiceName(name);
  };
  const established = deferred<void>();
  const ended = new AbortController();
  const fail = (error: unknown): void => {
    established.reject(error);
    ended.abort(error);
  };
  const onState = async (state: EntryGroupState, error: string): Promise<void> => {
    if (ended.signal.aborted) return;
    if (state === EntryGroupState.Established) {
      namesUsedByOthers = 0;
      established.resolve();
    } else if (state === EntryGroupState.Collision) await rename().then(offer);
    else if (state === EntryGroupState.Failure) throw new Error(`Avahi cannot publish ${name}: ${error}`);
  };
  const states = await group.signals.stateChanged.subscribe((state, error) => void onState(state, error).catch(fail), {
    onMissed: fail,
  });
  const end = async (): Promise<void> => {
    await states[Symbol.asyncDispose]();
    // Avahi may have ended, and then it has withdrawn the service.
    await group.free().catch(ignoreRefusal);
  };
  try {
    await offer();
    await established.promise;
  } catch (error) {
    await end();
    throw error;
  }
  return {
    ended: ended.signal,
    get name() {
      return name;
    },
    update: async (changed) => {
      txt = formatTxt(changed);
      await group.updateServiceTxt(...at, name, type, domain, txt);
    },
    [Symbol.asyncDispose]: end,
  };
}
