import { type Incoming, type ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import { Text } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import {
  Connection,
  type ConnectionErrorDetails,
  type ConnectionProperties,
  type ConnectionService,
  type ConnectionSignals,
  ConnectionStatus,
  type ConnectionStatusReason,
  type Handle,
  type HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  Connection as Connection0,
  type ConnectionProperties as ConnectionProperties0,
  type ConnectionService as ConnectionService0,
  type ConnectionSignals as ConnectionSignals0,
} from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection";
import {
  Connection as Connection2013,
  type ConnectionService as ConnectionService2013,
} from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection";
import { CHANNEL_PROPERTIES } from "../connection/channels/channel-request.ts";
import type { ConnectionModel } from "../connection/connection-model.ts";
import { type ContractsByDialect, type Dialect, nameIn } from "../dialects/dialect.ts";
import { channelPath } from "./channels/channel-properties.ts";
import { DialectService, type HandlersOf } from "./dialect-service.ts";

/** Contracts of the interface Connection, by dialect. */
export const CONNECTION_CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Connection,
  "telepathy-1-2013": Connection2013,
  "telepathy-0": Connection0,
};

/** State of a connection and functions that its views use. */
export interface ConnectionViewContext {
  readonly model: ConnectionModel;
  /** Name of the protocol. */
  readonly protocol: string;
  /** Resolves when the connection has ended and has left the bus. */
  readonly gone: Promise<void>;
  /** Starts to watch a client, whose interests must be removed when it leaves the bus. */
  watchClient(client: string): void;
}

/** Service for the interface Connection in one dialect. Serves a `ConnectionModel` on the bus. */
export class ConnectionView
  extends DialectService<ConnectionProperties & ConnectionProperties0, ConnectionSignals & ConnectionSignals0>
  implements HandlersOf<ConnectionService>, HandlersOf<ConnectionService2013>, HandlersOf<ConnectionService0>
{
  readonly #context: ConnectionViewContext;
  /** Canonical names of supported tokens, by name in the dialect. */
  readonly #tokens: ReadonlyMap<string, string>;

  constructor(dialect: Dialect, context: ConnectionViewContext) {
    super(dialect, CONNECTION_CONTRACTS, {
      interfaces: [],
      protocol: context.protocol,
      selfHandle: 0,
      selfID: "",
      status: ConnectionStatus.Disconnected,
      hasImmortalHandles: true,
    });
    this.#context = context;
    const tokens = context.model.protocol.interestTokens;
    this.#tokens = new Map(tokens.map((token) => [nameIn(dialect.root, token), token]));
  }

  connect() {
    this.#model.connect();
  }

  async disconnect() {
    void this.#model.disconnect();
    await this.#context.gone;
  }

  inspectHandles(type: HandleType, handles: readonly Handle[]) {
    return this.#model.inspectHandles(type, handles);
  }

  async requestHandles(type: HandleType, identifiers: readonly string[], incoming: Incoming) {
    const { uid } = await incoming.credentials();
    return this.#model.requestHandles(type, identifiers, { client: incoming.sender, uid });
  }

  addClientInterest(tokens: readonly string[], incoming: Incoming) {
    if (this.#model.interests.needsUser(incoming.sender)) return this.#addInterestsOfUser(tokens, incoming);
    return this.#addInterests(tokens, incoming.sender);
  }

  removeClientInterest(tokens: readonly string[], { sender }: Incoming) {
    this.#model.interests.remove(sender, this.#supported(tokens));
  }

  getInterfaces() {
    return this.properties.interfaces;
  }

  getProtocol() {
    return this.#context.protocol;
  }

  getSelfHandle() {
    this.#model.requireConnected();
    return this.#model.selfHandle;
  }

  getStatus() {
    return this.#model.status;
  }

  /** Checks that handles are valid and does nothing else, because handles are valid until the connection ends. */
  holdHandles(type: HandleType, handles: readonly Handle[]) {
    this.#model.inspectHandles(type, handles);
  }

  releaseHandles(type: HandleType, handles: readonly Handle[]) {
    this.#model.inspectHandles(type, handles);
  }

  listChannels(incoming: Incoming) {
    this.#model.requireConnected();
    return this.#model.channels.all.map((channel) => ({
      channel: channelPath(incoming.path, channel),
      channelType: nameIn(this.dialect.root, Text.name),
      handleType: channel.target.type,
      handle: channel.target.handle,
    }));
  }

  async requestChannel(type: string, handleType: number, handle: number, _suppress: boolean, incoming: Incoming) {
    const { uid } = await incoming.credentials();
    const { root } = this.dialect;
    const request = new Map<string, Variant>([
      [CHANNEL_PROPERTIES.channelType, new Variant("s", type === nameIn(root, Text.name) ? Text.name : type)],
      [CHANNEL_PROPERTIES.targetHandleType, new Variant("u", handleType)],
    ]);
    if (handleType !== 0 || handle !== 0) request.set(CHANNEL_PROPERTIES.targetHandle, new Variant("u", handle));
    const { channel } = await this.#model.channels.ensure(request, { client: incoming.sender, uid });
    return channelPath(incoming.path, channel);
  }

  /**
   * Emits NewChannel for each channel that is announced from now on.
   *
   * @param path - Object path of the connection in the dialect.
   */
  reportChannels(path: ObjectPath): void {
    const { root } = this.dialect;
    this.#model.channels.addListener({
      channelAnnounced: (channel) => {
        const { target, origin } = channel.identity;
        const type = nameIn(root, Text.name);
        this.emit("newChannel", channelPath(path, channel), type, target.type, target.handle, origin.isRequested);
      },
    });
  }

  addInterface(name: string): void {
    this.assign({ interfaces: [...this.properties.interfaces, nameIn(this.dialect.root, name)] });
  }

  selfHandleChanged(handle: number, identifier: string): void {
    this.assign({ selfHandle: handle, selfID: identifier });
    this.emit("selfHandleChanged", handle);
    this.emit("selfContactChanged", handle, identifier);
  }

  connectionError(name: string, details: ConnectionErrorDetails): void {
    // PropertiesChanged of the status must not be sent between this signal and StatusChanged.
    this.assign({ status: ConnectionStatus.Disconnected });
    this.emit("connectionError", nameIn(this.dialect.root, name), details);
  }

  statusChanged(status: ConnectionStatus, reason: ConnectionStatusReason): void {
    this.assign({ status });
    this.emit("statusChanged", status, reason);
  }

  async #addInterestsOfUser(tokens: readonly string[], incoming: Incoming): Promise<void> {
    // Both are read before waiting, because the client may leave the bus meanwhile.
    const { sender, signal } = incoming;
    const { uid } = await incoming.credentials();
    if (!signal.aborted) this.#addInterests(tokens, sender, uid);
  }

  #addInterests(tokens: readonly string[], sender: string, uid?: number): void {
    this.#model.interests.add(sender, this.#supported(tokens), uid);
    if (this.#model.interests.clientCount > 0) this.#context.watchClient(sender);
  }

  get #model(): ConnectionModel {
    return this.#context.model;
  }

  /** Returns the canonical names of the supported interest tokens. Other tokens are ignored. */
  #supported(tokens: readonly string[]): readonly string[] {
    return tokens.flatMap((token) => this.#tokens.get(token) ?? []);
  }
}
