import { type InterfaceContract, type ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import type { RequestableChannelClass } from "@dbus-codegen-ts/stubs/generic-types";
import { Channel as Channel2012, type ChannelProperties } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel";
import { Text } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import type { ChannelDetails } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import { Channel as Channel0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel";
import { Channel as Channel2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel";
import type { Channel } from "../../connection/channels/channel.ts";
import { CHANNEL_PROPERTIES } from "../../connection/channels/channel-request.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import { type ContractsByDialect, type Dialect, nameIn } from "../../dialects/dialect.ts";
import type { RequestableChannels } from "../../protocols/text-messages.ts";
import { OLD_TEXT_CONTRACTS } from "./old-text-view.ts";
import { TEXT_CONTRACTS, textProperties } from "./text-view.ts";

/** Contracts of the interface Channel, by dialect. */
export const CHANNEL_CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Channel2012,
  "telepathy-1-2013": Channel2013,
  "telepathy-0": Channel0,
};

/**
 * Returns the object path of a channel.
 *
 * @param connectionPath - Object path of the connection in the same dialect.
 */
export function channelPath(connectionPath: ObjectPath, { identity }: Channel): ObjectPath {
  return `${connectionPath}/channel${identity.number}`;
}

/** Returns the names of the optional interfaces of a channel in a dialect. */
function interfaceNames({ root, name: dialect }: Dialect, { identity }: Channel): readonly string[] {
  const names = identity.kind.interfaces.map((name) => nameIn(root, name));
  return OLD_TEXT_CONTRACTS[dialect] === undefined ? names : [TEXT_CONTRACTS[dialect].name, ...names];
}

/** Returns the properties of the interface Channel in a dialect. */
export function channelProperties(dialect: Dialect, channel: Channel): ChannelProperties {
  const { target, origin } = channel.identity;
  return {
    channelType: nameIn(dialect.root, Text.name),
    interfaces: interfaceNames(dialect, channel),
    targetHandle: target.handle,
    targetID: target.identifier,
    targetHandleType: target.type,
    requested: origin.isRequested,
    initiatorHandle: origin.initiator?.handle ?? 0,
    initiatorID: origin.initiator?.identifier ?? "",
  };
}

/** Returns a channel's object path and all its constant properties (Telepathy specification, Channel_Details). */
export function channelDetails(
  dialect: Dialect,
  connectionPath: ObjectPath,
  channel: Channel,
  model: ConnectionModel,
): ChannelDetails {
  const { kind, target } = channel.identity;
  const others = Object.entries(kind.constantProperties?.(target) ?? {});
  return {
    channel: channelPath(connectionPath, channel),
    properties: {
      ...qualified(CHANNEL_CONTRACTS[dialect.name], channelProperties(dialect, channel)),
      ...qualified(TEXT_CONTRACTS[dialect.name], textProperties(model)),
      ...Object.fromEntries(others.map(([name, value]) => [nameIn(dialect.root, name), value])),
    },
  };
}

/**
 * Returns the D-Bus declaration of the channels that clients can request (Telepathy specification,
 * Requestable_Channel_Class).
 */
export function requestableClasses(
  { root }: Dialect,
  channels: readonly RequestableChannels[],
): readonly RequestableChannelClass[] {
  const { channelType, targetHandleType, targetHandle, targetID } = CHANNEL_PROPERTIES;
  return channels.map(({ handleType, requestableProperties }) => ({
    fixedProperties: {
      [nameIn(root, channelType)]: new Variant("s", nameIn(root, Text.name)),
      [nameIn(root, targetHandleType)]: new Variant("u", handleType),
    },
    allowedProperties: [targetHandle, targetID, ...requestableProperties].map((name) => nameIn(root, name)),
  }));
}

/**
 * Returns variants by qualified name (interface, dot, property) for those properties of a contract that have a
 * value.
 */
function qualified({ name, properties = {} }: InterfaceContract, values: object): Record<string, Variant> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, property]) => {
      const value: unknown = Reflect.get(values, key);
      return value === undefined ? [] : [[`${name}.${property.name}`, new Variant(property.type, value)]];
    }),
  );
}
