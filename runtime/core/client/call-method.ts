import type { CallOptions, Request } from "../bus/request.ts";
import type { InterfaceContract, MethodContract } from "../contract.ts";
import { InvalidReplySignatureError, remoteError } from "../standard-errors.ts";
import { argumentsCodec } from "../wire/arguments-codec.ts";
import { MessageType } from "../wire/header.ts";
import { decodeBodyWithDescriptors, errorText, type Message } from "../wire/message.ts";
import type { RemoteInterface } from "./remote-interface.ts";

const SENT = Promise.resolve();

/**
 * Calls a method of a remote interface. Returns nothing, one value, or an array of values, as `$call` does. Throws as
 * `$call` does.
 */
export function callMethod(
  remote: RemoteInterface,
  method: MethodContract,
  args: readonly unknown[],
  options: CallOptions,
): Promise<unknown> {
  if (method.noReply) return sendCall(remote, method, args, options);
  const { bus, contract } = remote;
  return bus.request(requestOf(remote, method, args), options, (reply) => readResult(contract, method, reply));
}

function sendCall(
  remote: RemoteInterface,
  method: MethodContract,
  args: readonly unknown[],
  options: CallOptions,
): Promise<void> {
  try {
    remote.bus.send(requestOf(remote, method, args), options);
    return SENT;
  } catch (error) {
    return Promise.reject(error);
  }
}

function requestOf(remote: RemoteInterface, method: MethodContract, args: readonly unknown[]): Request {
  return {
    destination: remote.destination,
    path: remote.path,
    interface: remote.contract.name,
    member: method.name,
    codec: argumentsCodec(method.in),
    args,
    replyCodec: argumentsCodec(method.out),
  };
}

function readResult(contract: InterfaceContract, method: MethodContract, reply: Message): unknown {
  if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply), contract.errors);
  const codec = argumentsCodec(method.out);
  if (reply.signature !== codec.signature) {
    throw new InvalidReplySignatureError(`${contract.name}.${method.name}`, codec.signature, reply.signature);
  }
  const values = decodeBodyWithDescriptors(reply, codec);
  return codec.length > 1 ? values : values[0];
}
