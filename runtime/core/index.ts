/**
 * What generated D-Bus clients and services run on: `connect` to a bus, `serve` services on it, call others.
 *
 * @packageDocumentation
 */

export type { CallOptions } from "./bus/calls.ts";
export { MessageBus, type NameOptions } from "./bus/message-bus.ts";
export type { MethodCall } from "./bus/outgoing.ts";
export { Bus, type ConnectOptions, connect } from "./bus.ts";
export { Client, type Target } from "./client/client.ts";
export type { ClientProperties, ClientSignals } from "./client/namespaces.ts";
export type { Property, ReadableProperty, WritableProperty } from "./client/property.ts";
export type { Signal, Subscription } from "./client/signal.ts";
export {
  type Annotations,
  type Argument,
  CONTRACT_VERSION,
  type DictionaryShape,
  type EntryShape,
  type FieldShape,
  type InterfaceContract,
  type ItemsShape,
  type MethodContract,
  type PropertyContract,
  type Shape,
  type SignalContract,
  type StructShape,
  type ValuesShape,
} from "./contract.ts";
export { DBusError, type DBusErrorClass } from "./errors.ts";
export type { ErrorHook, ErrorOrigin } from "./hooks.ts";
export type { Incoming } from "./service/incoming.ts";
export type { ServedObject } from "./service/server.ts";
export { type AnyService, Service, type ServiceProperties, type ServiceSignals } from "./service/service.ts";
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
  type MaybePromise,
  type ObjectPath,
  type Signature,
  type UnixFd,
  Variant,
} from "./values.ts";
export { InvalidValueError, MalformedMessageError, MissingDescriptorError } from "./wire/faults.ts";
export { isBusName, isErrorName, isInterfaceName, isMemberName, isObjectPath } from "./wire/names.ts";
export { isSignature } from "./wire/signature.ts";
