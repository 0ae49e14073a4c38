import { setImmediate as nextTurn } from "node:timers/promises";
import { type Consumer, UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { DisconnectedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { Channel } from "../../../../../runtime/telepathy/connection/channels/channel.ts";
import { ChannelTable } from "../../../../../runtime/telepathy/connection/channels/channel-table.ts";
import { ConnectionHandles } from "../../../../../runtime/telepathy/connection/connection-handles.ts";
import type { Room } from "../../../../../runtime/telepathy/connection/rooms/room.ts";
import { roomChannels } from "../../../../../runtime/telepathy/connection/rooms/room-channels.ts";
import { RoomOperations } from "../../../../../runtime/telepathy/connection/rooms/room-operations.ts";
import { RoomTable } from "../../../../../runtime/telepathy/connection/rooms/room-table.ts";
import type { RoomHost, RoomProtocol } from "../../../../../runtime/telepathy/protocols/rooms.ts";

/** Client and user that request the rooms of a test. */
export const CLIENT = { client: ":1.1", uid: 1000 };

/** Rooms and channels of a connection of the user `me`, without D-Bus. The test provides the protocol. */
export class TableFixture {
  /** Counts of handles by client. */
  readonly usage = new UsageCounts("handles", { perClient: 200_000, perUser: 200_000, total: 200_000 });
  readonly handles = new ConnectionHandles(
    [HandleType.Contact, HandleType.Room],
    (_, identifier) => identifier.toLowerCase(),
    {},
    this.usage,
  );
  readonly selfHandle: number;
  readonly selfIdentifier = "me";
  readonly channels: ChannelTable;
  readonly rooms: RoomTable;
  readonly protocol: { readonly rooms: RoomProtocol };
  readonly operations: RoomOperations;
  readonly added: Channel[] = [];
  readonly closed: Channel[] = [];
  readonly errors: unknown[] = [];
  isConnected = true;

  /** @param createProtocol - Returns the rooms of a protocol that reports its events to the host. */
  constructor(createProtocol: (host: RoomHost) => RoomProtocol) {
    this.channels = new ChannelTable(this);
    this.channels.addListener({
      channelAdded: (channel) => void this.added.push(channel),
      channelClosed: (channel) => void this.closed.push(channel),
    });
    this.rooms = new RoomTable(this, (error) => void this.errors.push(error));
    this.protocol = { rooms: createProtocol(this.rooms) };
    this.operations = new RoomOperations(this.rooms, this, this.protocol.rooms);
    this.channels.addKind(roomChannels(this.rooms));
    this.selfHandle = this.contact("me");
  }

  requireConnected(): void {
    if (!this.isConnected) throw new DisconnectedError("not connected");
  }

  requestHandles(type: number, identifiers: readonly string[], consumer?: Consumer): number[] {
    return this.handles.request(type, identifiers, consumer) as number[];
  }

  inspectHandles(type: number, handles: readonly number[]): string[] {
    return this.handles.inspect(type, handles);
  }

  lookupHandle(type: HandleType, identifier: string): number | undefined {
    return this.handles.lookup(type, identifier);
  }

  contact(identifier: string): number {
    return this.requestHandles(HandleType.Contact, [identifier])[0] ?? 0;
  }

  identifier(handle: number): string {
    return this.inspectHandles(HandleType.Contact, [handle])[0] ?? "";
  }

  room(name: string): Room | undefined {
    return this.rooms.find(this.requestHandles(HandleType.Room, [name])[0] ?? 0);
  }

  /** Resolves when all events were processed. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await nextTurn();
  }
}
