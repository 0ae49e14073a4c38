"""Brings the first account online with TelepathyGLib's introspection data, looks at contacts, and disconnects."""
import sys

import gi

gi.require_version("TelepathyGLib", "0.12")
from gi.repository import GLib, TelepathyGLib as Tp  # noqa: E402

loop = GLib.MainLoop()
GLib.timeout_add_seconds(20, lambda: sys.exit("nothing happened for 20 seconds"))


def say(*words):
    print(*words, flush=True)


def manager_prepared(manager, result, _):
    manager.prepare_finish(result)
    [account] = manager.dup_valid_accounts()
    say("account", account.get_path_suffix(), account.get_display_name())
    account.connect("status-changed", status_changed)
    account.request_presence_async(Tp.ConnectionPresenceType.AVAILABLE, "available", "", presence_requested, None)


def presence_requested(account, result, _):
    account.request_presence_finish(result)


def status_changed(account, old, new, reason, error, details):
    say("status", new, "reason", reason)
    if new == 0:
        connection = account.get_connection()
        features = [Tp.Connection.get_feature_quark_connected(), Tp.Connection.get_feature_quark_capabilities()]
        connection.prepare_async(features, connection_prepared, None)


def connection_prepared(connection, result, _):
    connection.prepare_finish(result)
    say("connection", connection.get_cm_name(), connection.get_protocol_name(), connection.get_object_path())
    say("self", connection.get_self_contact().get_identifier())
    say("text channels", connection.get_capabilities().supports_text_chats())
    connection.dup_contact_by_id_async("Juliet@Example.org", [], contact_found, None)


def contact_found(connection, result, _):
    contact = connection.dup_contact_by_id_finish(result)
    say("contact", contact.get_identifier())
    connection.disconnect_async(disconnected, None)


def disconnected(connection, result, _):
    connection.disconnect_finish(result)
    loop.quit()


# The variable keeps the manager and its accounts alive.
accounts = Tp.AccountManager.dup()
accounts.prepare_async([], manager_prepared, None)
loop.run()
