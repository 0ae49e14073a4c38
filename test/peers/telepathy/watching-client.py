"""Shows the presence of contacts of the first account with TelepathyGLib's introspection data.

It registers its interest when the user is away, and ends when the user is available, so that its interest ends.

Usage: watching-client.py <identifier of a contact>...
"""
import sys

from contacts_of_account import FEATURES, SIMPLE_PRESENCE, loop, run, say  # Requires TelepathyGLib 0.12, so it is first.
from gi.repository import Gio, TelepathyGLib as Tp

contacts = []


def presence(contact):
    return contact.get_identifier(), int(contact.get_presence_type()), contact.get_presence_message()


def self_found(connection):
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


run(60, self_found)
