"""Connects to the contacts of the first account with TelepathyGLib's introspection data, for clients that show presences."""
import sys

import gi

gi.require_version("TelepathyGLib", "0.12")
from gi.repository import GLib, TelepathyGLib as Tp  # noqa: E402

SIMPLE_PRESENCE = "org.freedesktop.Telepathy.Connection.Interface.SimplePresence"
FEATURES = [Tp.ContactFeature.ALIAS, Tp.ContactFeature.PRESENCE]

loop = GLib.MainLoop()


def say(*words):
    print(*words, flush=True)


def run(timeout_seconds, self_found):
    """Calls self_found(connection) when the user's contact is known, and returns when the loop has been quit."""

    def manager_prepared(manager, result, _):
        manager.prepare_finish(result)
        [account] = manager.dup_valid_accounts()
        connection = account.get_connection()
        connection.prepare_async([Tp.Connection.get_feature_quark_connected()], connection_prepared, None)

    def connection_prepared(connection, result, _):
        connection.prepare_finish(result)
        connection.upgrade_contacts_async([connection.get_self_contact()], FEATURES, self_upgraded, None)

    def self_upgraded(connection, result, _):
        connection.upgrade_contacts_finish(result)
        self_found(connection)

    GLib.timeout_add_seconds(timeout_seconds, lambda: sys.exit(f"nothing happened for {timeout_seconds} seconds"))
    # The variable keeps the manager and its accounts alive.
    accounts = Tp.AccountManager.dup()
    accounts.prepare_async([], manager_prepared, None)
    loop.run()
