"""Shows the presence of the user and of contacts of the first account, and renames the user.

Usage: presence-client.py <identifier of a contact>...
"""
import sys

import gi

gi.require_version("TelepathyGLib", "0.12")
from gi.repository import Gio, GLib, TelepathyGLib as Tp  # noqa: E402

SIMPLE_PRESENCE = "org.freedesktop.Telepathy.Connection.Interface.SimplePresence"
RENAMING = "org.freedesktop.Telepathy.Connection.Interface.Renaming"
FEATURES = [Tp.ContactFeature.ALIAS, Tp.ContactFeature.PRESENCE]
UNKNOWN = Tp.ConnectionPresenceType.UNKNOWN

loop = GLib.MainLoop()
GLib.timeout_add_seconds(40, lambda: sys.exit("nothing happened for 40 seconds"))
contacts = []


def say(*words):
    print(*words, flush=True)


def manager_prepared(manager, result, _):
    manager.prepare_finish(result)
    [account] = manager.dup_valid_accounts()
    connection = account.get_connection()
    connection.prepare_async([Tp.Connection.get_feature_quark_connected()], connection_prepared, None)


def connection_prepared(connection, result, _):
    connection.prepare_finish(result)
    connection.upgrade_contacts_async([connection.get_self_contact()], FEATURES, self_upgraded, None)


def self_upgraded(connection, result, _):
    connection.upgrade_contacts_finish(result)
    me = connection.get_self_contact()
    words = me.get_presence_type(), me.get_presence_status(), me.get_presence_message()
    say("self", me.get_identifier(), me.get_alias(), int(words[0]), *words[1:])
    for identifier in sys.argv[1:]:
        connection.dup_contact_by_id_async(identifier, FEATURES, contact_found, None)


def contact_found(connection, result, _):
    contacts.append(connection.dup_contact_by_id_finish(result))
    if len(contacts) < len(sys.argv) - 1:
        return
    contacts.sort(key=lambda contact: contact.get_identifier())
    say("unknown:", ", ".join(f"{c.get_identifier()} {int(c.get_presence_type())}" for c in contacts))
    for contact in contacts:
        contact.connect("presence-changed", presence_changed)
    connection.add_client_interest(SIMPLE_PRESENCE)


def presence_changed(contact, *_):
    # The server replies first who is online, then who is away.
    types = [contact.get_presence_type() for contact in contacts]
    if UNKNOWN in types or Tp.ConnectionPresenceType.AWAY not in types:
        return
    say("known:", ", ".join(f"{c.get_alias()} {int(c.get_presence_type())}" for c in contacts))
    connection = contact.get_connection()
    connection.connect("notify::self-contact", self_changed)
    name, path = connection.get_bus_name(), connection.get_object_path()
    arguments = GLib.Variant("(s)", ("Montague",))
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    bus.call_sync(name, path, RENAMING, "RequestRename", arguments, None, Gio.DBusCallFlags.NONE, 5000)


def self_changed(connection, _):
    connection.upgrade_contacts_async([connection.get_self_contact()], FEATURES, renamed, None)


def renamed(connection, result, _):
    connection.upgrade_contacts_finish(result)
    me = connection.get_self_contact()
    say("renamed", me.get_identifier(), me.get_alias(), int(me.get_presence_type()))
    loop.quit()


# The variable keeps the manager and its accounts alive.
accounts = Tp.AccountManager.dup()
accounts.prepare_async([], manager_prepared, None)
loop.run()
