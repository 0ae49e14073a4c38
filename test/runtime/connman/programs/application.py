# An application by dbus-python, led from outside: takes commands as lists of JSON, one a line, and prints what comes of
# each and what it is told, as it comes. Argument: bus address.
#
#   ["notifier", path]                      has an object to be notified at; prints {"ready": unique name}
#   ["call", path, interface, method, ...]  prints {"reply": [...]} or {"error": name}
#
# Arguments are plain: which types they have on the bus is what introspection says. Inside a variant a number is
# {"uint32": n}. Prints {"update": [path, settings]} and {"release": path}.
import json
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NOTIFICATION = "net.connman.Notification"


def say(**said):
    print(json.dumps(said), flush=True)


class Notification(dbus.service.Object):
    @dbus.service.method(NOTIFICATION, in_signature="a{sv}", path_keyword="path")
    def Update(self, settings, path=None):
        say(update=[path, settings])

    @dbus.service.method(NOTIFICATION, path_keyword="path")
    def Release(self, path=None):
        say(release=path)


def typed(value):
    if isinstance(value, dict) and "uint32" in value:
        return dbus.UInt32(value["uint32"])
    if isinstance(value, dict):
        return {name: typed(one) for name, one in value.items()}
    return value


def obey(command, *args):
    if command == "notifier":
        notifiers.append(Notification(bus, args[0]))
        say(ready=bus.get_unique_name())
        return
    path, interface, method, *values = args
    proxy = dbus.Interface(bus.get_object("net.connman", path), interface)
    getattr(proxy, method)(
        *[typed(value) for value in values],
        reply_handler=lambda *reply: say(reply=reply),
        error_handler=lambda error: say(error=error.get_dbus_name()),
    )


def on_line(channel, _condition):
    line = channel.readline()
    if line == "":
        loop.quit()
        return False
    obey(*json.loads(line))
    return True


DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(sys.argv[1])
notifiers = []
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, on_line)
loop.run()
