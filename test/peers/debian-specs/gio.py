"""Answers requests, one JSON document per line, with GIO's view of specs and of served interfaces.

{"spec": path}: whether GIO accepts a spec: null, or the error.
{"served": path, "name": bus name, "interface": interface, "spec": path}: what differs between an interface of a service
and its spec, and values of properties of other types: a list of texts.
"""

import json
import sys

from gi.repository import Gio, GLib

bus = None


def verdict(spec):
    try:
        Gio.DBusNodeInfo.new_for_xml(open(spec, encoding="utf-8").read())
        return None
    except (GLib.Error, UnicodeDecodeError) as error:
        return str(error)


def call(name, path, interface, method, args):
    reply = bus.call_sync(name, path, interface, method, args, None, Gio.DBusCallFlags.NONE, 10000, None)
    return reply.unpack()[0] if method == "Introspect" else reply.get_child_value(0)


def members(info):
    def args(items):
        return "".join(item.signature for item in items)

    return sorted(
        [f"method {m.name}({args(m.in_args)}) -> ({args(m.out_args)})" for m in info.methods]
        + [f"signal {s.name}({args(s.args)})" for s in info.signals]
        + [f"property {p.name} {p.signature} {int(p.flags)}" for p in info.properties]
    )


def differences(name, path, interface, spec):
    declared = Gio.DBusNodeInfo.new_for_xml(open(spec, encoding="utf-8").read()).lookup_interface(interface)
    xml = call(name, path, "org.freedesktop.DBus.Introspectable", "Introspect", None)
    served = Gio.DBusNodeInfo.new_for_xml(xml).lookup_interface(interface)
    if served is None:
        return ["the interface is not served"]
    found = [f"only in one of both: {m}" for m in sorted(set(members(declared)) ^ set(members(served)))]
    values = call(name, path, "org.freedesktop.DBus.Properties", "GetAll", GLib.Variant("(s)", (interface,)))
    types = {values.get_child_value(i).get_child_value(0).get_string(): values.get_child_value(i).get_child_value(1)
             .get_variant().get_type_string() for i in range(values.n_children())}
    for item in declared.properties:
        if item.flags & Gio.DBusPropertyInfoFlags.READABLE and types.get(item.name) != item.signature:
            found.append(f"the value of {item.name} has the type {types.get(item.name)}, not {item.signature}")
    return found


if len(sys.argv) > 1:
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    bus = Gio.DBusConnection.new_for_address_sync(sys.argv[1], flags, None, None)
for line in sys.stdin:
    request = json.loads(line)
    if "served" in request:
        try:
            answer = differences(request["name"], request["served"], request["interface"], request["spec"])
        except GLib.Error as error:
            answer = [str(error)]
    else:
        answer = verdict(request["spec"])
    print(json.dumps(answer), flush=True)
