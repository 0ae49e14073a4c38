"""Shows the presence of the user and of contacts of the first account, and renames the user.

Usage: presence-client.py <identifier of a contact>...
"""
import sys

from contacts_of_account import FEATURES, SIMPLE_PRESENCE, loop, run, say  # Requires TelepathyGLib 0.12, so it is first.
from gi.repository import Gio, GLib, TelepathyGLib as Tp

RENAMING = "org.freedesktop.Telepathy.Connection.Interface.Renaming"
UNKNOWN = Tp.ConnectionPresenceType.UNKNOWN

contacts = []


def self_found(connection):
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


run(40, self_found)
