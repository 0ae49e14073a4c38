"""The benchmark's service and client by dbus-python, on libdbus and GLib's loop.

Arguments: server <address> <name>, or client <address> <name> <load> <seconds>.
"""

import json
import resource
import sys
import time

import dbus
import dbus.bus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

PATH = "/org/example/bench"
INTERFACE = "org.example.Bench1"
TEXT = "hello, this is a text of a common length"
BYTES = dbus.ByteArray(b"\xa5" * (64 * 1024))
VALUES = ["a text", dbus.UInt32(42), True, 0.5, dbus.Array(["one", "two"], signature="s")]
ENTRIES = dbus.Dictionary({f"Property{index}": VALUES[index % 5] for index in range(20)}, signature="sv")
TICKS = 1000
WARM_UP_SECONDS = 0.7
IN_FLIGHT = {"s pipe": 64, "a{sv} pipe": 64, "ay pipe": 64, "s seq": 1, "signals": 1}


def cpu_time():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1e6


class Bench(dbus.service.Object):
    @dbus.service.method(INTERFACE, in_signature="s", out_signature="s")
    def Echo(self, text):
        return text

    @dbus.service.method(INTERFACE, in_signature="a{sv}", out_signature="a{sv}")
    def EchoDictionary(self, entries):
        return entries

    @dbus.service.method(INTERFACE, in_signature="ay", out_signature="ay", byte_arrays=True)
    def EchoBytes(self, data):
        return data

    @dbus.service.method(INTERFACE, in_signature="u", out_signature="")
    def Emit(self, count):
        for number in range(count):
            self.Tick(number, "tick")

    @dbus.service.method(INTERFACE, in_signature="", out_signature="d")
    def CpuTime(self):
        return cpu_time()

    @dbus.service.signal(INTERFACE, signature="us")
    def Tick(self, number, text):
        pass


class Client:
    def __init__(self, bus, loop, name, load):
        self.loop = loop
        self.bench = dbus.Interface(bus.get_object(name, PATH), INTERFACE)
        self.load = load
        self.calls = self.running = self.missing = 0
        self.end = 0.0
        if load == "signals":
            self.bench.connect_to_signal("Tick", self.heard)

    def call(self):
        handlers = {"reply_handler": self.answered, "error_handler": self.failed}
        if self.load.startswith("s "):
            self.bench.Echo(TEXT, **handlers)
        elif self.load == "a{sv} pipe":
            self.bench.EchoDictionary(ENTRIES, **handlers)
        elif self.load == "ay pipe":
            self.bench.EchoBytes(BYTES, byte_arrays=True, **handlers)
        else:
            self.missing = TICKS
            self.bench.Emit(dbus.UInt32(TICKS), reply_handler=lambda: None, error_handler=self.failed)

    def failed(self, error):
        sys.exit(str(error))

    def heard(self, number, text):
        self.missing -= 1
        if self.missing == 0:
            self.calls += TICKS - 1
            self.answered()

    def answered(self, *values):
        self.calls += 1
        if time.monotonic() < self.end:
            self.call()
            return
        self.running -= 1
        if self.running == 0:
            self.loop.quit()

    def repeat(self, seconds):
        self.calls = 0
        self.running = IN_FLIGHT[self.load]
        self.end = time.monotonic() + seconds
        for _ in range(self.running):
            self.call()
        self.loop.run()
        return self.calls

    def measure(self, seconds):
        self.repeat(WARM_UP_SECONDS)
        server, client, started = self.bench.CpuTime(), cpu_time(), time.monotonic()
        calls = self.repeat(seconds)
        took, used = time.monotonic() - started, cpu_time() - client
        return {"calls": calls, "seconds": took, "clientCpu": used, "serverCpu": self.bench.CpuTime() - server}


def main():
    role, address, name, *rest = sys.argv[1:]
    bus = dbus.bus.BusConnection(address, mainloop=DBusGMainLoop())
    loop = GLib.MainLoop()
    if role == "client":
        load, seconds = rest
        print(json.dumps(Client(bus, loop, name, load).measure(float(seconds))))
        return
    service = Bench(bus, PATH)
    owned = dbus.service.BusName(name, bus)
    print("ready", flush=True)
    loop.run()
    del service, owned


main()
