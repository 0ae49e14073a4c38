// From TypeScript 6 on, the types of Node are not included unless a project names them.
/// <reference types="node" preserve="true" />
/**
 * Runtime of generated D-Bus clients and services: `connect` to a bus, `serve` services on it, call other services.
 *
 * @packageDocumentation
 */

export type { ReconnectOptions } from "./bus/backoff.ts";
export type { Counters, DropReason } from "./bus/counters.ts";
export type { NameReply } from "./bus/daemon.ts";
export type {
  CallEvent,
  CallOutcome,
  ConnectionEvent,
  DiagnosticEvents,
  DropEvent,
  MessageEvent,
} from "./bus/diagnostics.ts";
export type { OwnerListener } from "./bus/name-owners.ts";
export type { NameOptions, NameOwnership } from "./bus/owned-names.ts";
export { PEER } from "./bus/peer-names.ts";
export type { BusPort } from "./bus/port.ts";
export type { CallOptions, CheckedCall, MethodCall } from "./bus/request.ts";
export type { Subscription } from "./bus/subscription.ts";
export { Bus } from "./bus.ts";
export { type AnyClient, Client, type Target, target } from "./client/client.ts";
export type { AccessOf, ClientProperties, ClientSignals, ClientValues } from "./client/client-accessors.ts";
export { EventQueue, type Listen, type StreamOptions } from "./client/event-queue.ts";
export {
  type LiveChange,
  type LiveObject,
  LiveObjects,
  type ValuesOfClient,
  type WatchOptions,
  watchObjects,
} from "./client/live-objects.ts";
export type { ClientClasses, ClientOf, ManagedChange, ManagedObject } from "./client/managed-object.ts";
export { ObjectManagerClient } from "./client/object-manager.ts";
export type { ObjectLimits } from "./client/object-store.ts";
export type { Property, ReadableProperty, WritableProperty } from "./client/property.ts";
export type { Signal, SubscribeOptions } from "./client/signal.ts";
export { connect } from "./connect.ts";
export type { ConnectOptions } from "./connect-options.ts";
export {
  type Annotations,
  type Argument,
  type ChoiceCase,
  type ChoiceShape,
  CONTRACT_VERSION,
  type DictionaryShape,
  type EntryShape,
  type FieldShape,
  type InterfaceContract,
  type ItemsShape,
  type MembersOf,
  type MethodContract,
  type PatternShape,
  type PropertyContract,
  type SelectedShape,
  type Shape,
  type SignalContract,
  type StructShape,
  type ValuesShape,
} from "./contract.ts";
export { errorWarnings } from "./error-warnings.ts";
export { type CalledMember, DBusError, type DBusErrorClass, NamedDBusError } from "./errors.ts";
export type { ConnectionChange, ConnectionHook, ErrorHook, ErrorOrigin } from "./hooks.ts";
export type { ValidBusName, ValidInterfaceName, ValidMemberName, ValidPath } from "./literal-names.ts";
export { connectPeer, listen, type PeerOptions, type PeerServer } from "./peer.ts";
export type { Quotas } from "./quotas.ts";
export { type Registration, serveRegistered } from "./serve-registered.ts";
export type { AuthorizedMember } from "./service/authorization.ts";
export type { Credentials } from "./service/credentials.ts";
export type { Incoming } from "./service/incoming-call.ts";
export type { ServedObject, ServedSubtree } from "./service/object-server.ts";
export type { RefusedCall, RefuseHook } from "./service/refuse-hook.ts";
export { type AnyService, Service } from "./service/service.ts";
export type { ServiceProperties, ServiceSignals } from "./service/service-accessors.ts";
export type { FindServices, SubtreeOptions } from "./service/subtree.ts";
export {
  AccessDeniedError,
  DisconnectedError,
  FailedError,
  InvalidArgsError,
  InvalidReplySignatureError,
  InvalidSignatureError,
  LimitsExceededError,
  NameHasNoOwnerError,
  NoReplyError,
  NotSupportedError,
  PropertyReadOnlyError,
  ServiceUnknownError,
  UnknownInterfaceError,
  UnknownMethodError,
  UnknownObjectError,
  UnknownPropertyError,
} from "./standard-errors.ts";
export {
  type Branded,
  type ExtraEntries,
  type Invalid,
  type MaybePromise,
  type ObjectPath,
  type OpenDictionary,
  type Signature,
  type UnixFd,
  type ValidSignature,
  type ValidSignatures,
  type ValueOf,
  type ValuesOf,
  Variant,
} from "./values.ts";
export { InvalidValueError, MalformedMessageError, MissingDescriptorError, ValueTooLargeError } from "./wire/errors.ts";
export type { Header } from "./wire/header.ts";
export { keepEncoding } from "./wire/kept-encoding.ts";
export { isBusName, isErrorName, isInterfaceName, isMemberName, isObjectPath } from "./wire/name-syntax.ts";
export { isSignature } from "./wire/signature.ts";
