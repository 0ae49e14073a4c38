/**
 * Telepathy connections: handles, interests, connection managers and accounts.
 *
 * @packageDocumentation
 */

export type { StoreErrorHook } from "./accounts/account-manager.ts";
export type { AccountName, AccountSettings, Parameters, StoredAccount } from "./accounts/account-settings.ts";
export type { AccountStore } from "./accounts/account-store.ts";
export { type BrokenFileHook, FileStore, type FileStoreOptions } from "./accounts/file-store.ts";
export { MemoryStore } from "./accounts/memory-store.ts";
export type { RetryOptions } from "./accounts/retry-delay.ts";
export { type Accounts, type AccountsOptions, serveAccounts } from "./accounts/serve-account-manager.ts";
export { type ConnectionEnd, ConnectionEndedError } from "./client/connection-end.ts";
export type { Interest } from "./client/interest-registry.ts";
export { ReadyConnection, type ReadyOptions } from "./client/ready-connection.ts";
export { type FoundManager, findConnectionManagers, RemoteManager } from "./client/remote-manager.ts";
export { ConnectionHandles, type Normalize } from "./connection/connection-handles.ts";
export {
  type ConnectionListener,
  type ConnectionOptions,
  LiveConnection,
} from "./connection/connection-model.ts";
export { type Circumstances, errorOfReason, reasonOfError } from "./connection/disconnect-reasons.ts";
export { escapeIdentifier, unescapeIdentifier } from "./connection/escape-identifier.ts";
export { type HandleLimits, HandleTable } from "./connection/handle-table.ts";
export { InterestCounts, type InterestLimits, type InterestListener } from "./connection/interest-counts.ts";
export {
  type ConnectionName,
  connectionPlace,
  isManagerName,
  isProtocolName,
  managerPlace,
  nameOfPath,
  type Place,
  parseConnectionPath,
  pathOfName,
  protocolPlace,
} from "./connection/object-names.ts";
export { type StatusListener, StatusMachine } from "./connection/status-machine.ts";
export { irc, ircProtocol } from "./protocols/irc/irc.ts";
export type { IrcOptions } from "./protocols/irc/open-socket.ts";
export { LOOPBACK_INTERESTS, loopback } from "./protocols/loopback/loopback.ts";
export { checkParameters } from "./protocols/parameters.ts";
export type {
  ConnectionFailure,
  ConnectionHost,
  ParameterSignature,
  ParameterSpec,
  ParameterValue,
  ParameterValues,
  Protocol,
  ProtocolConnection,
} from "./protocols/protocol.ts";
export { type ManagerOptions, type ServedManager, serveConnectionManager } from "./service/connection-manager.ts";
export type { ConnectionExport, ConnectionObject } from "./service/connection-object.ts";
