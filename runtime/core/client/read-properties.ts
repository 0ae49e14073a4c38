import type { CallOptions } from "../bus/request.ts";
import type { CachedInterface } from "./cached-interface.ts";
import type { PropertyValues } from "./property-store.ts";
import { readReply, readRequest } from "./property-sync.ts";

/**
 * Reads the values of all properties of an interface by identifier, and stores them in the cache if the cache is on.
 */
export function readProperties(remote: CachedInterface, options: CallOptions): Promise<PropertyValues> {
  const store = remote.cache.prepareFill();
  return remote.bus.request(readRequest(remote), options, (reply) => {
    const values = readReply(remote, reply);
    store(values);
    return values;
  });
}
