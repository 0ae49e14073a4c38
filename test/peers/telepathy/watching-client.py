"""Shows the presence of contacts of the first account with TelepathyGLib's introspection data.

It registers its interest when the user is away, and ends when the user is available, so that its interest ends.

Usage: watching-client.py <identifier of a contact>...
"""
import sys

import gi

gi.require_version("TelepathyGLib", "0.12")
from gi.repository import Gio, GLib, TelepathyGLib as Tp  # noqa: E402

SIMPLE_PRESENCE = "org.freedesktop.Telepathy.Connection.Interface.SimplePresence"
FEATURES = [Tp.ContactFeature.ALIAS, Tp.ContactFeature.PRESENCE]

loop = GLib.MainLoop()
GLib.timeout_add_seconds(60, lambda: sys.exit("nothing happened for 60 seconds"))
contacts = []


def say(*words):
    print(*words, flush=True)


def presence(contact):
    return contact.get_identifier(), int(contact.get_presence_type()), contact.get_presence_message()


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
    connection.get_self_contact().connect("presence-changed", self_changed)
    for identifier in sys.argv[1:]:
        connection.dup_contact_by_id_async(identifier, FEATURES, contact_found, None)


def contact_found(connection, result, _):
    contact = connection.dup_contact_by_id_finish(result)
    contacts.append(contact)
    contact.connect("presence-changed", lambda changed, *_: say(*presence(changed)))
    say(*presence(contact))
    if len(contacts) == len(sys.argv) - 1:
        Gio.bus_own_name(Gio.BusType.SESSION, "org.freedesktop.Telepathy.Client.Watching", 0, None, None, None)


def self_changed(me, *_):
    if me.get_presence_type() == Tp.ConnectionPresenceType.AWAY:
        me.get_connection().add_client_interest(SIMPLE_PRESENCE)
    elif me.get_presence_type() == Tp.ConnectionPresenceType.AVAILABLE:
        loop.quit()


# The variable keeps the manager and its accounts alive.
accounts = Tp.AccountManager.dup()
accounts.prepare_async([], manager_prepared, None)
loop.run()
