# Applications with dbus-python, each with its own connection to a bus. Reads commands as JSON lists, one per line:
#
#   [id, "open", application, address]                connects; the reply is the unique name
#   [id, "close", application]                        disconnects
#   [id, "notifier", application, path]               serves a notifier
#   [id, "call", application, path, interface, method, ...]
#   [id, "reach", application, address, port, options]    opens a TCP connection; the reply is the received text. Options
#                                                         of the socket: address to bind to, device, mark
#
# and prints their results as {"id": …, "reply": [...]} or {"id": …, "error": name}, and received calls as
# {"application": …, "notifier": path, "update": settings} or {…, "release": true}.
#
# Introspection determines the D-Bus types of arguments. Inside a variant a number is {"uint32": n}.
import json
import logging
import socket
import sys
import threading

import dbus
import dbus.bus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NOTIFICATION = "net.connman.Notification"


def report(**output):
    print(json.dumps(output), flush=True)


class Notification(dbus.service.Object):
    def __init__(self, application, bus, path):
        super().__init__(bus, path)
        self.received = {"application": application, "notifier": path}

    @dbus.service.method(NOTIFICATION, in_signature="a{sv}")
    def Update(self, settings):
        report(**self.received, update=plain(settings))

    @dbus.service.method(NOTIFICATION)
    def Release(self):
        report(**self.received, release=True)


def plain(value):
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return value


def typed(value):
    if isinstance(value, dict) and "uint32" in value:
        return dbus.UInt32(value["uint32"])
    if isinstance(value, dict):
        return {name: typed(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return dbus.Array(value, signature="s")
    return value


def reach(address, port, options):
    with socket.socket() as client:
        client.settimeout(5)
        if "mark" in options:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, options["mark"])
        if "device" in options:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, options["device"].encode())
        if "address" in options:
            client.bind((options["address"], 0))
        client.connect((address, port))
        return client.recv(1024).decode()


def run(number, command, application, *args):
    if command == "open":
        bus = dbus.bus.BusConnection(args[0])
        bus.set_exit_on_disconnect(False)
        buses[application] = bus
        report(id=number, reply=[bus.get_unique_name()])
    elif command == "close":
        buses.pop(application).close()
        report(id=number, reply=[])
    elif command == "notifier":
        Notification(application, buses[application], args[0])
        report(id=number, reply=[])
    elif command == "reach":
        report(id=number, reply=[reach(*args)])
    elif command == "call":
        path, interface, method, *values = args
        proxy = dbus.Interface(buses[application].get_object("net.connman", path), interface)
        getattr(proxy, method)(
            *[typed(value) for value in values],
            reply_handler=lambda *reply: report(id=number, reply=plain(reply)),
            error_handler=lambda error: report(id=number, error=error.get_dbus_name()),
        )


def run_line(line):
    number, *command = json.loads(line)
    try:
        run(number, *command)
    except dbus.DBusException as error:
        report(id=number, error=error.get_dbus_name())
    except OSError as error:
        report(id=number, error=str(error))


def read_commands():
    for line in sys.stdin:
        GLib.idle_add(run_line, line)
    GLib.idle_add(loop.quit)


# Objects that do not exist are part of the tests.
logging.getLogger("dbus.proxies").setLevel(logging.CRITICAL)
DBusGMainLoop(set_as_default=True)
buses = {}
loop = GLib.MainLoop()
threading.Thread(target=read_commands, daemon=True).start()
loop.run()
