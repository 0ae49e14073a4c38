#!/usr/bin/python3
"""Recomputes the verdicts of libdbus and GLib on the inputs in this folder, and writes them back.

Needs libdbus-1.so.3 and, for the verdicts of GLib, python3-gi (Debian: libdbus-1-3, python3-gi).
With --check it writes nothing, prints the differences and exits with 1 if there are any.
"""

import ctypes
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
VALIDATORS = {
    "signature": "dbus_signature_validate",
    "path": "dbus_validate_path",
    "interface": "dbus_validate_interface",
    "member": "dbus_validate_member",
    "error": "dbus_validate_error_name",
    "bus": "dbus_validate_bus_name",
}


def libdbus_verdicts(verdicts):
    """Returns the same inputs with the verdicts of the installed libdbus: 1 for valid, 0 for invalid."""
    library = ctypes.CDLL("libdbus-1.so.3")

    def verdict(kind, text):
        encoded = text.encode("utf-8")
        if b"\0" in encoded:
            return 0  # A C string cannot contain NUL.
        validate = getattr(library, VALIDATORS[kind])
        validate.restype = ctypes.c_uint32
        # The second parameter is a DBusError, which may be NULL.
        return int(validate(ctypes.c_char_p(encoded), None) != 0)

    return {kind: [[text, verdict(kind, text)] for text, _ in inputs] for kind, inputs in verdicts.items()}


def glib_verdict(content):
    """Returns what GLib's parser of introspection XML reports: "ok", "bad:" with its message, or "n/a(NUL)"."""
    if b"\0" in content:
        return "n/a(NUL)"  # The parser takes a C string, which cannot contain NUL.
    import gi

    gi.require_version("Gio", "2.0")
    from gi.repository import Gio, GLib

    try:
        Gio.DBusNodeInfo.new_for_xml(content.decode("utf-8", errors="surrogateescape"))
        return "ok"
    except (GLib.Error, UnicodeEncodeError, TypeError) as error:
        return "bad:" + getattr(error, "message", str(error))


def with_glib_verdicts(manifest):
    """Returns the entries of the manifest with the verdicts of the installed GLib."""
    entries = []
    for entry in manifest:
        verdict = glib_verdict((HERE / "hostile-xml" / entry["file"]).read_bytes())
        # The manifest has messages of GLib 2.74. Only a different outcome is recorded.
        same = verdict[:3] == entry["gdbus_node_info_2_74"][:3]
        entries.append(entry if same else {**entry, "gdbus_node_info_2_74": verdict})
    return entries


class DBusError(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("message", ctypes.c_char_p),
        ("bits", ctypes.c_uint),
        ("padding", ctypes.c_void_p),
    ]


def message_verdicts(cases):
    """Returns the same messages (hex) with the verdict of the installed libdbus: "ok", or why it rejects the message."""
    library = ctypes.CDLL("libdbus-1.so.3")
    library.dbus_message_demarshal.restype = ctypes.c_void_p

    def verdict(message):
        error = DBusError()
        library.dbus_error_init(ctypes.byref(error))
        pointer = library.dbus_message_demarshal(message, ctypes.c_int(len(message)), ctypes.byref(error))
        if pointer is not None:
            library.dbus_message_unref(ctypes.c_void_p(pointer))
            return "ok"
        return (error.message or b"the message is incomplete").decode()

    return [[text, verdict(bytes.fromhex(text))] for text, _ in cases]


def update(path, recompute, dump):
    old = json.loads(path.read_text(encoding="utf-8"))
    new = recompute(old)
    if new == old:
        print(f"{path.relative_to(HERE)}: unchanged")
        return 0
    if "--check" not in sys.argv:
        path.write_text(dump(new), encoding="utf-8")
    print(f"{path.relative_to(HERE)}: {'differs' if '--check' in sys.argv else 'rewritten'}")
    return 1


changed = update(HERE / "validators/libdbus-verdicts.json", libdbus_verdicts, lambda data: json.dumps(data) + "\n")
changed += update(
    HERE / "messages/libdbus-verdicts.json",
    message_verdicts,
    lambda data: "[\n" + ",\n".join(json.dumps(case) for case in data) + "\n]\n",
)
changed += update(HERE / "hostile-xml/MANIFEST.json", with_glib_verdicts, lambda data: json.dumps(data, indent=1) + "\n")
sys.exit(1 if changed and "--check" in sys.argv else 0)
