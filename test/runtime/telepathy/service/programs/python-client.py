"""Requests, uses and disconnects a connection as the Telepathy manual describes: python-client.py <bus address> <dialect>"""
import sys

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

DIALECT = sys.argv[2]
PREFIX = "org.freedesktop.Telepathy." if DIALECT == "telepathy-0" else "im.telepathy1."
HAS_HANDLE_METHODS = DIALECT != "telepathy-1-2013"
MANAGER = PREFIX + "ConnectionManager"
CONNECTION = PREFIX + "Connection"
CONTACTS = CONNECTION + ".Interface.Contacts"
LOCATION = CONNECTION + ".Interface.Location" + ("" if DIALECT == "telepathy-0" else "1")
CHANNEL = PREFIX + "Channel"
TEXT = CHANNEL + ".Type.Text"
MESSAGES = CHANNEL + ".Interface.Messages" if DIALECT == "telepathy-0" else TEXT
FLAGS = {1: "required", 2: "register", 4: "has-default", 8: "secret", 16: "dbus-property"}
CONNECTED = 0

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(sys.argv[1])
loop = GLib.MainLoop()
GLib.timeout_add_seconds(20, lambda: sys.exit("nothing happened for 20 seconds"))


def say(*words):
    print(*words, flush=True)


def name_of(error):
    return error.get_dbus_name()


# List the connection managers.
managers = sorted(name for name in bus.list_names() if name.startswith(MANAGER + "."))
say("managers", [str(name) for name in managers])
name = managers[0]
manager = dbus.Interface(bus.get_object(name, "/" + name.replace(".", "/")), MANAGER)

# List the parameters of its protocols.
protocols = dbus.Interface(manager, dbus.PROPERTIES_IFACE).Get(MANAGER, "Protocols")
for protocol in manager.ListProtocols() if HAS_HANDLE_METHODS else protocols:
    parameters = protocols[protocol][PREFIX + "Protocol.Parameters"]
    for parameter, flags, signature, default in manager.GetParameters(protocol) if HAS_HANDLE_METHODS else parameters:
        say(protocol, parameter, signature, *[word for flag, word in FLAGS.items() if flags & flag])
say("protocols", sorted(str(protocol) for protocol in protocols))

try:
    manager.RequestConnection("loopback", dbus.Dictionary({}, signature="sv"))
except dbus.DBusException as error:
    say("without account", name_of(error))

# Request a connection, which is not connected yet.
manager.connect_to_signal("NewConnection", lambda *args: say("new", *args[2:]))
bus_name, path = manager.RequestConnection("loopback", {"account": "Bob@Example.com"})
say("connection", bus_name, path)
proxy = bus.get_object(bus_name, path)
connection = dbus.Interface(proxy, CONNECTION)
properties = dbus.Interface(proxy, dbus.PROPERTIES_IFACE)
say("status", properties.Get(CONNECTION, "Status"))


def status_changed(status, reason):
    say("status changed", status, reason)
    if status == CONNECTED:
        GLib.idle_add(use)


def use():
    say("interfaces", [str(name) for name in properties.Get(CONNECTION, "Interfaces")])
    self_handle = properties.Get(CONNECTION, "SelfHandle")
    contacts = dbus.Interface(proxy, CONTACTS)
    hold = [False] if DIALECT == "telepathy-0" else []
    if HAS_HANDLE_METHODS:
        handles = connection.RequestHandles(1, ["Alice", "alice", "carol"])
        say("identifiers", [str(identifier) for identifier in connection.InspectHandles(1, [self_handle, *handles])])
    else:
        handles = [contacts.GetContactByID(identifier, [])[0] for identifier in ["Alice", "alice", "carol"]]
    say("handles", [int(handle) for handle in handles])
    attributes = contacts.GetContactAttributes([self_handle, *handles], [], *hold)
    say("contacts", {int(handle): str(values[CONNECTION + "/contact-id"]) for handle, values in attributes.items()})
    try:
        contacts.GetContactByID("", [])
    except dbus.DBusException as error:
        say("no contact", name_of(error))
    connection.AddClientInterest([LOCATION])
    connection.RemoveClientInterest([LOCATION])
    write()
    return False


# Write to a contact, who repeats the message.
def write():
    request = {
        CHANNEL + ".ChannelType": TEXT,
        CHANNEL + ".TargetHandleType": dbus.UInt32(1),
        CHANNEL + ".TargetID": "Alice",
    }
    yours, channel_path, details = dbus.Interface(proxy, CONNECTION + ".Interface.Requests").EnsureChannel(request)
    say("channel", bool(yours), details[CHANNEL + ".TargetID"], bool(details[CHANNEL + ".Requested"]))
    channel = bus.get_object(bus_name, channel_path)
    text = dbus.Interface(channel, TEXT)
    if DIALECT == "telepathy-0":
        text.connect_to_signal("Received", lambda id, time, sender, *rest: received(channel, id, sender, rest[2]))
        text.Send(0, "hello")
    else:
        text.connect_to_signal("MessageReceived", lambda parts: message_received(channel, *parts))
        body = {"content-type": "text/plain", "content": "hello"}
        text.SendMessage([dbus.Dictionary({}, signature="sv"), body], dbus.UInt32(0))


def message_received(channel, headers, body):
    received(channel, headers["pending-message-id"], headers["message-sender"], body["content"])


def received(channel, id, sender, content):
    say("received", int(sender), content)
    dbus.Interface(channel, TEXT).AcknowledgePendingMessages([id])
    say("pending", len(dbus.Interface(channel, dbus.PROPERTIES_IFACE).Get(MESSAGES, "PendingMessages")))
    dbus.Interface(channel, CHANNEL).Close()
    connection.Disconnect(reply_handler=disconnected, error_handler=say)


def disconnected():
    say("disconnected, name has an owner:", bool(bus.name_has_owner(bus_name)))
    loop.quit()


connection.connect_to_signal("StatusChanged", status_changed)
connection.connect_to_signal("SelfHandleChanged", lambda handle: say("self handle", handle))
connection.connect_to_signal("SelfContactChanged", lambda handle, identifier: say("self contact", handle, identifier))
connection.Connect()
loop.run()
