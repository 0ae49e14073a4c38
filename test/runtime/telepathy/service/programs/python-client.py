"""Requests, uses and disconnects a connection as the Telepathy manual describes: python-client.py <bus address>"""
import sys

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

PREFIX = "im.telepathy1."
MANAGER = PREFIX + "ConnectionManager"
CONNECTION = PREFIX + "Connection"
CONTACTS = CONNECTION + ".Interface.Contacts"
LOCATION = CONNECTION + ".Interface.Location1"
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
for protocol in manager.ListProtocols():
    for parameter, flags, signature, default in manager.GetParameters(protocol):
        say(protocol, parameter, signature, *[word for flag, word in FLAGS.items() if flags & flag])
protocols = dbus.Interface(manager, dbus.PROPERTIES_IFACE).Get(MANAGER, "Protocols")
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
    handles = connection.RequestHandles(1, ["Alice", "alice", "carol"])
    say("handles", [int(handle) for handle in handles])
    say("identifiers", [str(identifier) for identifier in connection.InspectHandles(1, [self_handle, *handles])])
    contacts = dbus.Interface(proxy, CONTACTS).GetContactAttributes(handles, [])
    say("contacts", {int(handle): str(attributes[CONNECTION + "/contact-id"]) for handle, attributes in contacts.items()})
    try:
        connection.InspectHandles(1, [0])
    except dbus.DBusException as error:
        say("no handle", name_of(error))
    connection.AddClientInterest([LOCATION])
    connection.RemoveClientInterest([LOCATION])
    connection.Disconnect(reply_handler=disconnected, error_handler=say)
    return False


def disconnected():
    say("disconnected, name has an owner:", bool(bus.name_has_owner(bus_name)))
    loop.quit()


connection.connect_to_signal("StatusChanged", status_changed)
connection.Connect()
loop.run()
