import { errorWarnings } from "@dbus-codegen-ts/runtime";

/** Returns a hook that reports errors of a network as warnings of the process. */
export function warnOfNetworkErrors(network: string): (error: unknown) => void {
  const report = errorWarnings();
  return (error) => report(error, `the network of ${network}`);
}
