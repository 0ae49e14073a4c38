import type { MaybePromise, Variant } from "@dbus-codegen-ts/runtime";
import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ParameterValues } from "../../../runtime/telepathy/protocols/parameters.ts";
import type { ConnectionHost, Protocol, ProtocolConnection } from "../../../runtime/telepathy/protocols/protocol.ts";

/** Behaviour of a `ScriptedProtocol`. */
export interface Script {
  readonly interests?: readonly string[];
  readonly attributes?: Readonly<Record<string, Variant>>;
  /** Interfaces to which the attributes belong: `org.example.Mood` by default. */
  readonly attributeInterfaces?: readonly string[];
  readonly connect?: (connection: ScriptedConnection) => void;
  readonly disconnect?: () => Promise<void>;
  readonly normalize?: (identifier: string) => MaybePromise<string>;
  /** Presences, aliases and renames of the connection, if it supports them. */
  readonly parts?: Pick<ProtocolConnection, "presence" | "aliases" | "renaming">;
}

/** A protocol without a network, whose behaviour the test defines. */
export class ScriptedProtocol implements Protocol {
  readonly name: string = "scripted-one";
  readonly englishName: string = "Scripted";
  readonly icon: string = "im-scripted";
  readonly vCardField: string = "x-scripted";
  readonly parameters = [
    { name: "account", signature: "s", flags: ConnMgrParamFlags.Required | ConnMgrParamFlags.Register },
    { name: "password", signature: "s", flags: ConnMgrParamFlags.Secret },
    { name: "port", signature: "q", defaultValue: 5222 },
    { name: "register", signature: "b", defaultValue: false },
  ] as const;
  readonly script: Script;
  readonly connections: ScriptedConnection[] = [];

  constructor(script: Script = {}) {
    this.script = script;
  }

  /** The connection that was opened last. Throws if no connection was opened. */
  get last(): ScriptedConnection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error("no connection was opened");
    return last;
  }

  identifyAccount(parameters: ParameterValues): string {
    return parameters.getString("account") ?? "";
  }

  normalizeContact(identifier: string): string {
    return identifier;
  }

  open(parameters: ParameterValues, host: ConnectionHost): ScriptedConnection {
    const connection = new ScriptedConnection(this.script, parameters, host);
    this.connections.push(connection);
    return connection;
  }
}

/** A connection of a `ScriptedProtocol`. The calls of its methods are recorded in `log`. */
export class ScriptedConnection implements ProtocolConnection {
  readonly handleTypes = [1, 2] as const;
  readonly interestTokens: readonly string[];
  readonly attributeInterfaces: readonly string[];
  readonly parameters: ParameterValues;
  readonly host: ConnectionHost;
  readonly log: string[] = [];
  readonly #script: Script;

  constructor(script: Script, parameters: ParameterValues, host: ConnectionHost) {
    this.#script = script;
    Object.assign(this, script.parts);
    this.parameters = parameters;
    this.host = host;
    this.interestTokens = script.interests ?? [];
    const interfaces = script.attributeInterfaces ?? ["org.example.Mood"];
    this.attributeInterfaces = script.attributes === undefined ? [] : interfaces;
  }

  connect(): void {
    this.log.push("connect");
    this.#script.connect?.(this);
  }

  async disconnect(): Promise<void> {
    this.log.push("disconnect");
    await this.#script.disconnect?.();
  }

  normalize(_type: number, identifier: string): MaybePromise<string> {
    if (this.#script.normalize !== undefined) return this.#script.normalize(identifier);
    if (identifier === "") throw new InvalidHandleError("empty");
    return identifier.toLowerCase();
  }

  contactAttributes(identifiers: readonly string[]): readonly Readonly<Record<string, Variant>>[] {
    return identifiers.map(() => this.#script.attributes ?? {});
  }

  startReporting(token: string): void {
    this.log.push(`+${token}`);
  }

  stopReporting(token: string): void {
    this.log.push(`-${token}`);
  }
}
