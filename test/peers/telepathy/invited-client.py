"""Handles one invitation to a room with TelepathyGLib's introspection data: accepts it, and leaves when a contact joins."""
import sys

import gi

gi.require_version("TelepathyGLib", "0.12")
from gi.repository import GLib, TelepathyGLib as Tp  # noqa: E402

loop = GLib.MainLoop()
GLib.timeout_add_seconds(20, lambda: sys.exit("nothing happened for 20 seconds"))
known = []


def say(*words):
    print(*words, flush=True)


def nicks(contacts):
    return ",".join(sorted(contact.get_identifier() for contact in contacts))


def handle_channels(handler, account, connection, channels, requests, time, context, _):
    context.accept()
    [channel] = channels
    known.append(channel)
    features = [Tp.Channel.get_feature_quark_group(), Tp.Channel.get_feature_quark_contacts()]
    channel.prepare_async(features, channel_prepared, None)


def channel_prepared(channel, result, _):
    channel.prepare_finish(result)
    inviter = channel.get_initiator_contact().get_identifier()
    say("invited", channel.get_identifier(), "requested", channel.get_requested(), "by", inviter)
    say("members", nicks(channel.group_dup_members_contacts()))
    say("pending", nicks(channel.group_dup_local_pending_contacts()))
    channel.connect("group-contacts-changed", members_changed)
    channel.connect("invalidated", invalidated)
    channel.join_async("", lambda c, r, _: c.join_finish(r), None)


def members_changed(channel, added, removed, local_pending, remote_pending, actor, details):
    if channel.group_get_self_contact() in added:
        say("joined", nicks(channel.group_dup_members_contacts()))
        channel.leave_async(Tp.ChannelGroupChangeReason.NONE, "bye", lambda c, r, _: c.leave_finish(r), None)


def invalidated(channel, domain, code, message):
    say("closed")
    loop.quit()


accounts = Tp.AccountManager.dup()
handler = Tp.SimpleHandler.new_with_am(accounts, True, False, "Invited", False, handle_channels, None)
room_channels = {
    Tp.PROP_CHANNEL_CHANNEL_TYPE: GLib.Variant("s", Tp.IFACE_CHANNEL_TYPE_TEXT),
    Tp.PROP_CHANNEL_TARGET_HANDLE_TYPE: GLib.Variant("u", Tp.HandleType.ROOM),
}
handler.add_handler_filter_vardict(GLib.Variant("a{sv}", room_channels))
handler.register()
loop.run()
