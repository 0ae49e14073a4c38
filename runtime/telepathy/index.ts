/**
 * Telepathy connections: handles, interests, connection managers and accounts.
 *
 * @packageDocumentation
 */

export type { StoreErrorHook } from "./accounts/account-manager.ts";
export type { AccountName, AccountSettings, Parameters, StoredAccount } from "./accounts/account-settings.ts";
export type { AccountStore, LateSecrets, SecretsListener } from "./accounts/account-store.ts";
export { type BrokenFileHook, FileStore, type FileStoreOptions } from "./accounts/file-store.ts";
export { MemoryStore } from "./accounts/memory-store.ts";
export type { RetryOptions } from "./accounts/retry-delay.ts";
export {
  type AccountManagerOptions,
  type ServedAccountManager,
  serveAccountManager,
} from "./accounts/serve-account-manager.ts";
export type { ChatMessage, Delivery } from "./client/chat-message.ts";
export { type ConnectionEnd, ConnectionEndedError } from "./client/connection-end.ts";
export type { Interest } from "./client/interest-registry.ts";
export { type LiveContact, type LiveContactListener, LiveContacts } from "./client/live-contacts.ts";
export { ReadyConnection, type ReadyOptions } from "./client/ready-connection.ts";
export { RemoteChats } from "./client/remote-chats.ts";
export { RemoteConnection, type RemoteConnectionListener } from "./client/remote-connection.ts";
export { type ConnectionManagerInfo, findConnectionManagers, RemoteManager } from "./client/remote-manager.ts";
export { RemoteNames, type RemoteNamesListener } from "./client/remote-names.ts";
export { RemotePresence } from "./client/remote-presence.ts";
export { type JoinOptions, RoomChannel, type RoomChannelListener } from "./client/room-channel.ts";
export type { RoomChange } from "./client/room-members.ts";
export { type ChatProperties, TextChat } from "./client/text-chat.ts";
export { ConnectionHandles, type NormalizeIdentifier } from "./connection/connection-handles.ts";
export { type ConnectionListener, ConnectionModel, type ConnectionOptions } from "./connection/connection-model.ts";
export { type DisconnectContext, errorForReason, reasonForError } from "./connection/disconnect-reasons.ts";
export { escapeIdentifier, unescapeIdentifier } from "./connection/escape-identifier.ts";
export { HandleTable } from "./connection/handle-table.ts";
export { InterestCounts, type InterestListener } from "./connection/interest-counts.ts";
export {
  busNameToPath,
  type ConnectionNameParts,
  connectionTarget,
  isManagerName,
  isProtocolName,
  managerTarget,
  parseConnectionPath,
  pathToBusName,
  protocolTarget,
} from "./connection/object-names.ts";
export { type ConnectionPhase, type StatusListener, StatusMachine } from "./connection/status-machine.ts";
export type { Dialect, DialectName, Root } from "./dialects/dialect.ts";
export { DIALECTS } from "./dialects/dialects.ts";
export type { AliasHost, AliasProtocol, RenamingHost, RenamingProtocol } from "./protocols/aliases.ts";
export { irc, ircProtocol } from "./protocols/irc/irc.ts";
export type { IrcOptions } from "./protocols/irc/open-socket.ts";
export { LOOPBACK_INTERESTS, loopback, loopbackProtocol } from "./protocols/loopback/loopback.ts";
export type { ParameterSignature, ParameterSpec, ParameterValue, ParameterValues } from "./protocols/parameters.ts";
export type { PresenceHost, PresenceProtocol } from "./protocols/presence.ts";
export type { ConnectionFailure, ConnectionHost, Protocol, ProtocolConnection } from "./protocols/protocol.ts";
export type {
  JoinResult,
  MembersCause,
  RoomConfiguration,
  RoomHost,
  RoomMembersChange,
  RoomPermissions,
  RoomProtocol,
  RoomSubject,
} from "./protocols/rooms.ts";
export type {
  ChatTarget,
  DeliveryFailure,
  IncomingText,
  OutgoingText,
  RequestableChannels,
  SentText,
  TextHost,
  TextProtocol,
} from "./protocols/text-messages.ts";
export { CONTACT_TEXTS, ROOM_TEXTS } from "./protocols/text-messages.ts";
export { validateParameters } from "./protocols/validate-parameters.ts";
export type { AccountQuotas, ChannelLimits, HandleLimits, InterestLimits, ManagerQuotas } from "./quotas.ts";
export { SecretService, type SecretServiceOptions } from "./secrets/secret-service.ts";
export { type ManagerOptions, type ServedManager, serveConnectionManager } from "./service/connection-manager.ts";
export type { ConnectionObject, ConnectionObjectContext } from "./service/connection-object.ts";
export { managerFile, serviceFile } from "./service/system-files.ts";
