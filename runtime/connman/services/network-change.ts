import { NetworkError } from "../adapters/network/network.ts";
import { failed, notSupported } from "./connman-errors.ts";

/**
 * Waits for a change that the network was requested to make.
 *
 * @param change - Result of an optional method of the network; undefined if the network does not have the method.
 * @throws NotSupported if `change` is undefined; Failed with the reason if the network refuses the change.
 */
export async function changedBy(change: Promise<void> | undefined): Promise<void> {
  if (change === undefined) throw notSupported();
  try {
    await change;
  } catch (error) {
    throw error instanceof NetworkError ? failed(error.message) : error;
  }
}
