"""Clients with dbus-python, which run commands: one JSON array per line, answered by one JSON object per line.

open <address>                                           connects a client; returns its number
call <client> <name> <path> <interface> <member> <signature> <arguments>   returns the result or {"error": name}
start <client> <label> …as call…                         does not wait: the reply becomes an event
watch <client> <path>                                    records all signals of an object as events
take <client> <name>                                     returns the events that were sent before this call, and forgets them
owner <client> <name>                                    returns whether a bus name has an owner
close <client>                                           leaves the bus

In arguments, {"type": "q", "value": 1} is a value of that type. Results contain plain values.
"""
import json
import sys

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

TYPES = {"b": dbus.Boolean, "i": dbus.Int32, "n": dbus.Int16, "q": dbus.UInt16, "s": dbus.String, "u": dbus.UInt32}
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
clients = []
watched = set()
events = {}


def typed(value):
    if isinstance(value, list):
        return [typed(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"type", "value"} and value["type"] == "(uss)":
        kind, *texts = value["value"]
        return dbus.Struct([dbus.UInt32(kind), *texts])
    if set(value) == {"type", "value"}:
        return TYPES[value["type"]](value["value"])
    return dbus.Dictionary({key: typed(item) for key, item in value.items()}, signature="sv")


def plain(value):
    if isinstance(value, (dict, dbus.Dictionary)):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, dbus.Boolean)):
        return bool(value)
    return str(value) if isinstance(value, str) else int(value)


def call(client, name, path, interface, member, signature, args):
    values = typed(args)
    if signature == "a{us}":
        values = [{dbus.UInt32(int(key)): value for key, value in args[0].items()}]
    return clients[client].call_blocking(name, path, interface, member, signature, values)


def start(client, label, name, path, interface, member, signature, args):
    log = events[client]
    clients[client].call_async(
        name, path, interface, member, signature, typed(args),
        lambda *values: log.append([label, *map(plain, values)]),
        lambda error: log.append([label, {"error": error.get_dbus_name()}]),
    )


def watch(client, path):
    if (client, path) in watched:
        return
    watched.add((client, path))
    log = events[client]
    clients[client].add_signal_receiver(
        lambda *args, member: log.append([str(member), *map(plain, args)]), path=path, member_keyword="member"
    )
    # The match rule is active when the bus has answered a later call.
    clients[client].list_names()


def take(client, name):
    try:
        call(client, name, "/", "org.freedesktop.DBus.Peer", "Ping", "", [])
    except dbus.DBusException:
        clients[client].list_names()
    while GLib.MainContext.default().iteration(False):
        pass
    taken = list(events[client])
    events[client].clear()
    return taken


def open_client(address):
    clients.append(dbus.bus.BusConnection(address))
    events[len(clients) - 1] = []
    return len(clients) - 1


COMMANDS = {
    "open": open_client,
    "call": call,
    "start": start,
    "watch": watch,
    "take": take,
    "owner": lambda client, name: clients[client].name_has_owner(name),
    "close": lambda client: clients[client].close(),
}
for line in sys.stdin:
    command, *args = json.loads(line)
    try:
        result = COMMANDS[command](*args)
        print(json.dumps({"value": None if result is None else plain(result)}), flush=True)
    except dbus.DBusException as error:
        print(json.dumps({"error": error.get_dbus_name(), "text": error.get_dbus_message()}), flush=True)
