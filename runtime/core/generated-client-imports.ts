/** Everything that the generated clients under `standard/clients/` import. */
export type { BusPort as Bus } from "./bus/port.ts";
export type { CallOptions } from "./bus/request.ts";
export { Client, type Target } from "./client/client.ts";
export type { DictionaryShape, InterfaceContract } from "./contract.ts";
export type { Branded, OpenDictionary, UnixFd } from "./values.ts";
