import { DBusError } from "@dbus-codegen-ts/runtime";
import { dialer } from "../../../runtime/core/bus/dial.ts";
import { Bus } from "../../../runtime/core/bus.ts";
import { bodyCodec } from "../../../runtime/core/wire/arguments-codec.ts";
import { decodeBody, type Message } from "../../../runtime/core/wire/message.ts";

/** A received method call with its decoded arguments. */
export interface RawCall {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature: string;
  readonly args: readonly unknown[];
}

/** The reply: a signature with values, an error, or undefined for no reply. */
export type RawAnswer = readonly [signature: string, ...values: readonly unknown[]] | DBusError | undefined;

/** A service whose replies and signals the test determines. They need not be valid. */
export interface RawService extends AsyncDisposable {
  readonly name: string;
  emit(path: string, interfaceName: string, member: string, signature: string, ...args: readonly unknown[]): void;
}

/**
 * Serves a bus name with a function that returns replies. Replies may be missing or have other types than the introspection
 * data declares.
 */
export async function rawService(
  address: string,
  name: string,
  answer: (call: RawCall) => RawAnswer,
): Promise<RawService> {
  const onCall = (call: Message, bus: Bus): void => {
    const { path = "", interface: interfaceName = "", member = "", signature } = call;
    const args = decodeBody(call, bodyCodec(signature));
    const answered = answer({ path, interface: interfaceName, member, signature, args });
    if (answered instanceof DBusError) bus.replyError(call, answered.errorName, answered.message);
    else if (answered !== undefined) bus.reply(call, bodyCodec(answered[0]), answered.slice(1));
  };
  const bus = new Bus(await dialer(address, 10_000)(), {}, { onCall });
  await bus.requestName(name);
  return {
    name,
    emit: (path, interfaceName, member, signature, ...args) =>
      bus.emit({ path, interface: interfaceName, member, codec: bodyCodec(signature), args }),
    [Symbol.asyncDispose]: () => bus.close(),
  };
}
