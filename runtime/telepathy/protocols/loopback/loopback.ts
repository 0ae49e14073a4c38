import type { Variant } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError, InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ConnectionHost, ParameterValues, Protocol, ProtocolConnection } from "../protocol.ts";

/** Tokens of interest that a loopback connection takes. Nothing comes of them. */
export const LOOPBACK_INTERESTS = [
  "im.telepathy1.Connection.Interface.Location1",
  "im.telepathy1.Connection.Interface.MailNotification1/count",
] as const;

/** A protocol without a network: any account connects at once, and everybody is a contact. */
export const loopback: Protocol = {
  name: "loopback",
  englishName: "Loopback",
  icon: "",
  vCardField: "",
  parameters: [{ name: "account", signature: "s", flags: ConnMgrParamFlags.Required }],
  identifyAccount: accountOf,
  normalizeContact: normalize,
  open: (parameters, host) => new LoopbackConnection(accountOf(parameters), host),
};

class LoopbackConnection implements ProtocolConnection {
  readonly handleTypes = [HandleType.Contact];
  readonly interests = LOOPBACK_INTERESTS;
  readonly attributeInterfaces: readonly string[] = [];
  readonly #account: string;
  readonly #host: ConnectionHost;

  constructor(account: string, host: ConnectionHost) {
    this.#account = account;
    this.#host = host;
  }

  connect(): void {
    this.#host.connected(this.#account);
  }

  async disconnect(): Promise<void> {
    // Nothing is open.
  }

  normalize(_type: HandleType, identifier: string): string {
    return normalize(identifier);
  }

  contactAttributes(): readonly Readonly<Record<string, Variant>>[] {
    return [];
  }

  interested(): void {
    // Nothing would ever happen.
  }

  uninterested(): void {
    // Nothing would ever happen.
  }
}

function accountOf(parameters: ParameterValues): string {
  const account = parameters.text("account") ?? "";
  if (account === "") throw new InvalidArgumentError("parameter account is empty");
  return normalize(account);
}

function normalize(identifier: string): string {
  if (identifier === "") throw new InvalidHandleError("an identifier must not be empty");
  return identifier.toLowerCase();
}
