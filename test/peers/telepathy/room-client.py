"""Joins a room with TelepathyGLib's introspection data, writes to another member and answers, and leaves.

Usage: room-client.py <account> <room> <password> (greet | answer)
"""
import sys

import gi

gi.require_version("TelepathyGLib", "0.12")
from gi.repository import GLib, TelepathyGLib as Tp  # noqa: E402

suffix, room, password, role = sys.argv[1:]
loop = GLib.MainLoop()
GLib.timeout_add_seconds(20, lambda: sys.exit("nothing happened for 20 seconds"))
state = {}


def say(*words):
    print(*words, flush=True)


def nicks(contacts):
    return ",".join(sorted(contact.get_identifier() for contact in contacts))


def manager_prepared(manager, result, _):
    manager.prepare_finish(result)
    [account] = [a for a in manager.dup_valid_accounts() if a.get_path_suffix() == suffix]
    request = Tp.AccountChannelRequest.new_text(account, 0)
    request.set_target_id(Tp.HandleType.ROOM, room)
    state["request"] = request
    request.ensure_and_handle_channel_async(None, channel_ready, None)


def channel_ready(request, result, _):
    channel, _ = request.ensure_and_handle_channel_finish(result)
    state["channel"] = channel
    features = [
        Tp.Channel.get_feature_quark_group(),
        Tp.Channel.get_feature_quark_contacts(),
        Tp.Channel.get_feature_quark_password(),
        Tp.TextChannel.get_feature_quark_incoming_messages(),
    ]
    channel.prepare_async(features, channel_prepared, None)


def channel_prepared(channel, result, _):
    channel.prepare_finish(result)
    channel.connect("message-received", message_received)
    channel.connect("group-contacts-changed", members_changed)
    channel.connect("invalidated", invalidated)
    channel.provide_password_async("wrong", wrong_password, None)


def wrong_password(channel, result, _):
    try:
        channel.provide_password_finish(result)
    except GLib.Error as error:
        say("wrong password:", error.matches(Tp.error_quark(), Tp.Error.AUTHENTICATION_FAILED))
    channel.provide_password_async(password, right_password, None)


def right_password(channel, result, _):
    say("right password:", channel.provide_password_finish(result))


def members_changed(channel, added, removed, local_pending, remote_pending, actor, details):
    if channel.group_get_self_contact() in added:
        say("joined", channel.get_identifier(), nicks(channel.group_dup_members_contacts()))
        for message in channel.dup_pending_messages():
            message_received(channel, message)
    elif role == "greet" and added:
        say("added", nicks(added))
        send(channel, "Good evening!")
    if role == "answer" and removed:
        reason = details["change-reason"]
        message = details["message"]
        say("removed", nicks(removed), "reason", reason, "message", message)
        channel.leave_async(Tp.ChannelGroupChangeReason.NONE, "", left, None)


def send(channel, text):
    message = Tp.ClientMessage.new_text(Tp.ChannelTextMessageType.NORMAL, text)
    channel.send_message_async(message, 0, lambda c, r, _: c.send_message_finish(r), None)


def message_received(channel, message):
    text, _ = message.to_text()
    say("received", text, "from", Tp.SignalledMessage.get_sender(message).get_identifier())
    channel.ack_message_async(message, lambda c, r, _: c.ack_message_finish(r), None)
    if role == "answer":
        send(channel, "Good night!")
    else:
        channel.leave_async(Tp.ChannelGroupChangeReason.NONE, "It is late", left, None)


def left(channel, result, _):
    channel.leave_finish(result)


def invalidated(channel, domain, code, message):
    say("closed")
    loop.quit()


accounts = Tp.AccountManager.dup()
accounts.prepare_async([], manager_prepared, None)
loop.run()
