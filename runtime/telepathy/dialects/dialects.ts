import { Account } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { AccountManager } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import { Channel } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel";
import { Destroyable1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Destroyable1";
import { Group1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { Password1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Password1";
import { Room1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Room1";
import { RoomConfig1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.RoomConfig1";
import { Subject1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Subject1";
import { Text } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { Connection } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Aliasing1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { Contacts } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { Renaming1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Renaming1";
import { Requests } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import { ConnectionManager } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { Protocol } from "@dbus-codegen-ts/stubs/im.telepathy1.Protocol";
import { Account as Account0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Account";
import { AccountManager as AccountManager0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.AccountManager";
import { Channel as Channel0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel";
import { Destroyable as Destroyable0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Destroyable";
import { Group as Group0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Group";
import { Messages as Messages0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Messages";
import { Password as Password0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Password";
import { Room2 as Room0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Room2";
import { RoomConfig1 as RoomConfig0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.RoomConfig1";
import { Subject2 as Subject0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Subject2";
import { Text as Text0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Type.Text";
import { Connection as Connection0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection";
import { Aliasing as Aliasing0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Aliasing";
import { Contacts as Contacts0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Contacts";
import { Renaming as Renaming0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Renaming";
import { Requests as Requests0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Requests";
import { SimplePresence as Presence0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.SimplePresence";
import { ConnectionManager as ConnectionManager0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.ConnectionManager";
import { Protocol as Protocol0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Protocol";
import { Account as Account2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Account";
import { AccountManager as AccountManager2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.AccountManager";
import { Channel as Channel2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel";
import { Destroyable1 as Destroyable2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Destroyable1";
import { Group1 as Group2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Group1";
import { Password1 as Password2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Password1";
import { Room1 as Room2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Room1";
import { RoomConfig1 as RoomConfig2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.RoomConfig1";
import { Subject1 as Subject2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Subject1";
import { Text as Text2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Type.Text";
import { Connection as Connection2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection";
import { Aliasing1 as Aliasing2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Aliasing1";
import { Contacts as Contacts2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Contacts";
import { Presence1 as Presence2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Presence1";
import { Renaming1 as Renaming2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Renaming1";
import { Requests as Requests2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Requests";
import { ConnectionManager as ConnectionManager2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.ConnectionManager";
import { Protocol as Protocol2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Protocol";
import type { Dialect, DialectName } from "./dialect.ts";

/**
 * The API of telepathy-spec `e2ea827a` (January 2012); the default. GetContactByID came later, and the two methods of
 * the manager are of earlier versions: programs from the time between call them.
 */
const TELEPATHY_1_2012: Dialect = {
  name: "telepathy-1-2012",
  root: "im.telepathy1",
  contracts: {
    connection: Connection,
    contacts: Contacts,
    presence: Presence1,
    aliasing: Aliasing1,
    renaming: Renaming1,
    requests: Requests,
    connectionManager: {
      ...ConnectionManager,
      methods: {
        ...ConnectionManager.methods,
        getParameters: ConnectionManager0.methods.getParameters,
        listProtocols: ConnectionManager0.methods.listProtocols,
      },
    },
    protocol: Protocol,
    accountManager: AccountManager,
    account: Account,
    channel: Channel,
    destroyable: Destroyable1,
    text: Text,
    group: Group1,
    password: Password1,
    room: Room1,
    roomConfig: RoomConfig1,
    subject: Subject1,
  },
  aliasesChangedHasMap: false,
  renamedHasIdentifier: false,
};

/** The API of telepathy-spec `648d5a4e` (November 2013): identifiers instead of handle methods. */
const TELEPATHY_1_2013: Dialect = {
  name: "telepathy-1-2013",
  root: "im.telepathy1",
  contracts: {
    connection: Connection2013,
    contacts: Contacts2013,
    presence: Presence2013,
    aliasing: Aliasing2013,
    renaming: Renaming2013,
    requests: Requests2013,
    connectionManager: ConnectionManager2013,
    protocol: Protocol2013,
    accountManager: AccountManager2013,
    account: Account2013,
    channel: Channel2013,
    destroyable: Destroyable2013,
    text: Text2013,
    group: Group2013,
    password: Password2013,
    room: Room2013,
    roomConfig: RoomConfig2013,
    subject: Subject2013,
  },
  aliasesChangedHasMap: true,
  renamedHasIdentifier: true,
};

/** The API of telepathy-spec 0.27.4, which programs of Linux distributions use. */
const TELEPATHY_0: Dialect = {
  name: "telepathy-0",
  root: "org.freedesktop.Telepathy",
  contracts: {
    connection: Connection0,
    contacts: Contacts0,
    presence: Presence0,
    aliasing: Aliasing0,
    renaming: Renaming0,
    requests: Requests0,
    connectionManager: ConnectionManager0,
    protocol: Protocol0,
    accountManager: AccountManager0,
    account: Account0,
    channel: Channel0,
    destroyable: Destroyable0,
    // The interface Text has the parts of messages only in later versions.
    text: Messages0,
    oldText: Text0,
    group: Group0,
    password: Password0,
    room: Room0,
    roomConfig: RoomConfig0,
    subject: Subject0,
  },
  aliasesChangedHasMap: false,
  renamedHasIdentifier: false,
};

/** All dialects by name, the default first. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  "telepathy-1-2012": TELEPATHY_1_2012,
  "telepathy-1-2013": TELEPATHY_1_2013,
  "telepathy-0": TELEPATHY_0,
};

/** Dialects of services that are configured without any. */
export const DEFAULT_DIALECTS: readonly Dialect[] = [TELEPATHY_1_2012];

/** Throws InvalidArgumentError unless there is at least one dialect, and all have different names on the bus. */
export function requireDifferentNames(dialects: readonly Dialect[]): void {
  if (dialects.length === 0) throw new InvalidArgumentError("at least one dialect is required");
  if (new Set(dialects.map(({ root }) => root)).size === dialects.length) return;
  throw new InvalidArgumentError("two of the dialects use the same names on the bus");
}
