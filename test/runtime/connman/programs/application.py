# An application with dbus-python. Reads commands as JSON lists, one per line, and prints their results and the received
# calls. Argument: bus address.
#
#   ["notifier", path]                      serves a notifier; prints {"ready": unique name}
#   ["call", path, interface, method, ...]  prints {"reply": [...]} or {"error": name}
#
# Introspection determines the D-Bus types of arguments. Inside a variant a number is {"uint32": n}. Prints
# {"update": [path, settings]} and {"release": path} for received calls.
import json
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NOTIFICATION = "net.connman.Notification"


def report(**output):
    print(json.dumps(output), flush=True)


class Notification(dbus.service.Object):
    @dbus.service.method(NOTIFICATION, in_signature="a{sv}", path_keyword="path")
    def Update(self, settings, path=None):
        report(update=[path, settings])

    @dbus.service.method(NOTIFICATION, path_keyword="path")
    def Release(self, path=None):
        report(release=path)


def typed(value):
    if isinstance(value, dict) and "uint32" in value:
        return dbus.UInt32(value["uint32"])
    if isinstance(value, dict):
        return {name: typed(entry) for name, entry in value.items()}
    return value


def run(command, *args):
    if command == "notifier":
        notifiers.append(Notification(bus, args[0]))
        report(ready=bus.get_unique_name())
        return
    path, interface, method, *values = args
    proxy = dbus.Interface(bus.get_object("net.connman", path), interface)
    getattr(proxy, method)(
        *[typed(value) for value in values],
        reply_handler=lambda *reply: report(reply=reply),
        error_handler=lambda error: report(error=error.get_dbus_name()),
    )


def on_line(channel, _condition):
    line = channel.readline()
    if line == "":
        loop.quit()
        return False
    run(*json.loads(line))
    return True


DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(sys.argv[1])
notifiers = []
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, on_line)
loop.run()
