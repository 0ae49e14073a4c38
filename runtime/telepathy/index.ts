/**
 * Telepathy connections: handles, interests, connection managers and accounts.
 *
 * @packageDocumentation
 */

export type { StoreErrorHook } from "./accounts/account-manager.ts";
export { type BrokenFileHook, FileStore, type FileStoreOptions } from "./accounts/file-store.ts";
export { MemoryStore } from "./accounts/memory-store.ts";
export type { RetryOptions } from "./accounts/retry.ts";
export { type Accounts, type AccountsOptions, serveAccounts } from "./accounts/serve.ts";
export type { AccountName, AccountSettings, Parameters, StoredAccount } from "./accounts/settings.ts";
export type { AccountStore } from "./accounts/store.ts";
export { ConnectionEndedError, type HeardEnd } from "./client/connection-end.ts";
export type { Interest } from "./client/interests.ts";
export { ReadyConnection, type ReadyOptions } from "./client/ready-connection.ts";
export { type FoundManager, findConnectionManagers, RemoteManager } from "./client/remote-manager.ts";
export {
  type ConnectionListener,
  type ConnectionOptions,
  LiveConnection,
} from "./connection/live-connection.ts";
export { ConnectionHandles, type Normalize } from "./handles/connection-handles.ts";
export { type HandleLimits, HandleTable } from "./handles/handle-table.ts";
export { InterestCounts, type InterestLimits, type InterestListener } from "./interests/interest-counts.ts";
export type { IrcOptions } from "./irc/dial.ts";
export { irc, ircProtocol } from "./irc/irc.ts";
export { escapeIdentifier, unescapeIdentifier } from "./names/identifier.ts";
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
} from "./names/names.ts";
export { checkParameters } from "./parameters/check.ts";
export { LOOPBACK_INTERESTS, loopback } from "./protocol/loopback.ts";
export type {
  ConnectionFault,
  ConnectionHost,
  ParameterSignature,
  ParameterSpec,
  ParameterValue,
  ParameterValues,
  Protocol,
  ProtocolConnection,
} from "./protocol/protocol.ts";
export { type ManagerOptions, type ServedManager, serveConnectionManager } from "./service/connection-manager.ts";
export type { ConnectionExport, ConnectionObject } from "./service/connection-object.ts";
export { type Circumstances, errorOfReason, reasonOfError } from "./status/reasons.ts";
export { type StatusListener, StatusMachine } from "./status/status-machine.ts";
