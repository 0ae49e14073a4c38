import { type InterfaceContract, Service, type Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType } from "@dbus-codegen-ts/stubs/generic-types";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Presence1Service } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import type { ConnectionHost, ParameterValues, Protocol, ProtocolConnection } from "@dbus-codegen-ts/telepathy";

const keepalive = {
  version: 2,
  name: "org.example.Keepalive",
  methods: {},
  signals: {},
  properties: { interval: { name: "Interval", type: "u", access: "readwrite", emits: "true" } },
} as const satisfies InterfaceContract;

/** An optional interface with a property that an account parameter sets. */
export class KeepaliveService extends Service<typeof keepalive, { interval: number }, object> {
  static readonly interfaceName = keepalive.name;

  constructor() {
    super(keepalive, { interval: 30 });
  }
}

/** Interface Presence of a connection without contacts. It reports each presence that is set as that of the user. */
export class PresenceService extends Presence1Service {
  /** Arguments of the received SetPresence calls. */
  readonly set: (readonly [status: string, message: string])[] = [];

  constructor() {
    const status = (type: ConnectionPresenceType, maySetOnSelf = true) => ({
      type,
      maySetOnSelf,
      canHaveMessage: true,
    });
    super({
      statuses: {
        offline: status(ConnectionPresenceType.Offline, false),
        away: status(ConnectionPresenceType.Away),
        available: status(ConnectionPresenceType.Available),
        busy: status(ConnectionPresenceType.Busy, false),
      },
      maximumStatusMessageLength: 0,
    });
  }

  setPresence(status: string, statusMessage: string) {
    this.set.push([status, statusMessage]);
    const type = this.properties.statuses[status]?.type ?? ConnectionPresenceType.Unset;
    this.signals.presencesChanged(new Map([[1, { type, status, statusMessage }]]));
  }

  getPresences() {
    return new Map();
  }
}

/** A connection that calls a function of the test when it is to connect. */
export class ScriptedConnection implements ProtocolConnection {
  readonly handleTypes = [HandleType.Contact];
  readonly interestTokens: readonly string[] = [];
  readonly attributeInterfaces: readonly string[] = [];
  readonly parameters: ParameterValues;
  readonly host: ConnectionHost;
  readonly #onConnect: (connection: ScriptedConnection) => void;
  disconnected = false;

  constructor(parameters: ParameterValues, host: ConnectionHost, onConnect: (connection: ScriptedConnection) => void) {
    this.parameters = parameters;
    this.host = host;
    this.#onConnect = onConnect;
  }

  connect(): void {
    this.#onConnect(this);
  }
  async disconnect(): Promise<void> {
    this.disconnected = true;
  }
  normalize(_type: HandleType, identifier: string): string {
    return identifier.toLowerCase();
  }
  contactAttributes(): readonly Readonly<Record<string, Variant>>[] {
    return [];
  }
  startReporting(): void {}
  stopReporting(): void {}
}

/** A protocol for accounts. Its connections call the test's function `onConnect`. */
export class ScriptedProtocol implements Protocol {
  readonly name = "local-test";
  readonly englishName = "Test";
  readonly icon = "";
  readonly vCardField = "";
  readonly parameters = [
    { name: "account", signature: "s", flags: ConnMgrParamFlags.Required },
    { name: "password", signature: "s", flags: ConnMgrParamFlags.Secret },
    { name: "port", signature: "q", defaultValue: 6667 },
    { name: "org.example.Keepalive.Interval", signature: "u", flags: ConnMgrParamFlags.DBusProperty, defaultValue: 30 },
    { name: "org.example.Nothing.There", signature: "u", flags: ConnMgrParamFlags.DBusProperty },
  ] as const;
  /** All connections in the order in which they were opened. */
  readonly opened: ScriptedConnection[] = [];
  /** Called when a connection is to connect. By default, it reports that it is connected. */
  onConnect: (connection: ScriptedConnection) => void = ({ host, parameters }) =>
    host.connected(parameters.getString("account") ?? "");

  get last(): ScriptedConnection {
    const connection = this.opened.at(-1);
    if (connection === undefined) throw new Error("no connection was opened");
    return connection;
  }

  identifyAccount(parameters: ParameterValues): string {
    return parameters.getString("account") ?? "";
  }
  normalizeContact(identifier: string): string {
    return identifier.toLowerCase();
  }
  open(parameters: ParameterValues, host: ConnectionHost): ScriptedConnection {
    const connection = new ScriptedConnection(parameters, host, (self) => this.onConnect(self));
    this.opened.push(connection);
    return connection;
  }
}
