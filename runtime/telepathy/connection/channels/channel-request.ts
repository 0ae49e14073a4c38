import type { Variant } from "@dbus-codegen-ts/runtime";
import { Channel } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel";
import { Text } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  InvalidArgumentError,
  InvalidHandleError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { coerceValue } from "../../protocols/coerce-value.ts";
import type { ChannelKind, RequestedProperties } from "./channel-kind.ts";

/** Canonical names of the properties of the interface Channel. */
export const CHANNEL_PROPERTIES = {
  channelType: `${Channel.name}.ChannelType`,
  interfaces: `${Channel.name}.Interfaces`,
  targetHandle: `${Channel.name}.TargetHandle`,
  targetID: `${Channel.name}.TargetID`,
  targetHandleType: `${Channel.name}.TargetHandleType`,
  requested: `${Channel.name}.Requested`,
  initiatorHandle: `${Channel.name}.InitiatorHandle`,
  initiatorID: `${Channel.name}.InitiatorID`,
} as const;

/** A validated request for a channel. */
export interface ChannelRequest {
  readonly kind: ChannelKind;
  /** Handle or identifier of the contact or room. The identifier may be in any spelling. */
  readonly target: { readonly handle: number } | { readonly identifier: string };
  readonly requested: RequestedProperties;
}

/**
 * Validates the properties of a channel request.
 *
 * @param properties - Requested properties, by canonical name.
 * @param kinds - Kinds of channels that the connection supports.
 * @throws InvalidArgumentError if properties are missing, of the wrong type or contradict each other;
 * InvalidHandleError for handle 0; NotImplementedError if the connection does not support such channels, or a
 * property is unknown.
 */
export function parseChannelRequest(
  properties: ReadonlyMap<string, Variant>,
  kinds: readonly ChannelKind[],
): ChannelRequest {
  const names = CHANNEL_PROPERTIES;
  const channelType = readText(properties, names.channelType);
  if (channelType === undefined) throw new InvalidArgumentError(`${names.channelType} is missing`);
  for (const name of [names.requested, names.initiatorHandle, names.initiatorID]) {
    if (properties.has(name)) throw new InvalidArgumentError(`${name} cannot be requested`);
  }
  const handleType = readNumber(properties, names.targetHandleType) ?? HandleType.None;
  const handle = readNumber(properties, names.targetHandle);
  const identifier = readText(properties, names.targetID);
  if (handle !== undefined && identifier !== undefined) {
    throw new InvalidArgumentError("a request must not contain both a handle and an identifier");
  }
  if (handleType === HandleType.None && (handle !== undefined || identifier !== undefined)) {
    throw new InvalidArgumentError("a request with a target must contain the handle type");
  }
  if (handle === 0) throw new InvalidHandleError("0 is not a handle");
  const kind = kinds.find((candidate) => candidate.handleType === handleType);
  if (kind === undefined || channelType !== Text.name) {
    throw new NotImplementedError("the connection does not support channels of this type with this type of target");
  }
  const requested = readOthers(properties, kind);
  const name = kind.nameProperty === undefined ? undefined : readText(properties, kind.nameProperty);
  if (handle === undefined && identifier === undefined && name !== undefined) {
    return { kind, target: { identifier: name }, requested };
  }
  if (name !== undefined && name !== "")
    throw new InvalidArgumentError("a request must not contain both a target and a name");
  if (handle !== undefined) return { kind, target: { handle }, requested };
  if (identifier !== undefined) return { kind, target: { identifier }, requested };
  throw new InvalidArgumentError(`${names.targetHandle} or ${names.targetID} is missing`);
}

/**
 * Returns the properties other than type and target. Throws NotImplementedError if the kind does not permit one of
 * them.
 */
function readOthers(properties: ReadonlyMap<string, Variant>, kind: ChannelKind): RequestedProperties {
  const { channelType, targetHandleType, targetHandle, targetID } = CHANNEL_PROPERTIES;
  const read = new Set<string>([channelType, targetHandleType, targetHandle, targetID]);
  const others = new Map([...properties].filter(([name]) => !read.has(name)));
  for (const name of others.keys()) {
    if (kind.requestableProperties.includes(name)) continue;
    throw new NotImplementedError(`property ${JSON.stringify(name.slice(0, 255))} cannot be requested`);
  }
  return others;
}

function readText(properties: ReadonlyMap<string, Variant>, name: string): string | undefined {
  const value = properties.get(name)?.value;
  if (value === undefined || typeof value === "string") return value;
  throw new InvalidArgumentError(`${name} is not a string`);
}

/** Returns the value of an integer property of any integer type, because some clients use other types than `u`. */
function readNumber(properties: ReadonlyMap<string, Variant>, name: string): number | undefined {
  const variant = properties.get(name);
  if (variant === undefined) return undefined;
  const result = coerceValue(variant, "u");
  if ("problem" in result) throw new InvalidArgumentError(`${name} ${result.problem}`);
  return Number(result.value);
}
