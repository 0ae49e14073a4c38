"""Talks with a contact through TelepathyGLib's introspection data. Arguments: account, contact, and texts to send; a
client without texts waits for a conversation and answers each message."""
import sys

import gi

gi.require_version("TelepathyGLib", "0.12")
from gi.repository import GLib, TelepathyGLib as Tp  # noqa: E402

account_suffix, contact, *texts = sys.argv[1:]
waiting = list(texts)
loop = GLib.MainLoop()
GLib.timeout_add_seconds(20, lambda: sys.exit("nothing happened for 20 seconds"))


def say(*words):
    print(*words, flush=True)


def manager_prepared(manager, result, _):
    manager.prepare_finish(result)
    [account] = [a for a in manager.dup_valid_accounts() if a.get_path_suffix() == account_suffix]
    if texts:
        request = Tp.AccountChannelRequest.new_text(account, 0)
        request.set_target_id(Tp.HandleType.CONTACT, contact)
        request.ensure_and_handle_channel_async(None, channel_requested, None)


def channel_requested(request, result, _):
    channel, _context = request.ensure_and_handle_channel_finish(result)
    use(channel)


def handle_channels(handler, account, connection, channels, requests, time, context, _):
    context.accept()
    for channel in channels:
        use(channel)


def use(channel):
    kept.append(channel)
    say("channel", type(channel).__name__, channel.get_identifier(), "requested", channel.get_requested())
    channel.prepare_async([Tp.TextChannel.get_feature_quark_incoming_messages()], channel_prepared, None)


def channel_prepared(channel, result, _):
    channel.prepare_finish(result)
    channel.connect("message-received", message_received)
    for message in channel.dup_pending_messages():
        message_received(channel, message)
    if texts:
        send(channel, waiting.pop(0))


def send(channel, text):
    message = Tp.ClientMessage.new_text(Tp.ChannelTextMessageType.NORMAL, text)
    channel.send_message_async(message, 0, message_sent, None)


def message_sent(channel, result, _):
    channel.send_message_finish(result)


def message_received(channel, message):
    text, _flags = message.to_text()
    sender = Tp.SignalledMessage.get_sender(message)
    say("message", message.get_message_type().value_nick, sender.get_identifier(), text)
    channel.ack_message_async(message, message_acknowledged, text)


def message_acknowledged(channel, result, text):
    channel.ack_message_finish(result)
    if not texts:
        send(channel, "you wrote: " + text)
    elif waiting:
        send(channel, waiting.pop(0))
    else:
        channel.close_async(channel_closed, None)


def channel_closed(channel, result, _):
    channel.close_finish(result)
    say("closed")
    loop.quit()


# The variables keep these objects alive.
kept = []
accounts = Tp.AccountManager.dup()
if not texts:
    handler = Tp.SimpleHandler.new_with_am(accounts, True, False, "Listener", False, handle_channels, None)
    handler.add_handler_filter_vardict(
        GLib.Variant(
            "a{sv}",
            {
                Tp.PROP_CHANNEL_CHANNEL_TYPE: GLib.Variant("s", Tp.IFACE_CHANNEL_TYPE_TEXT),
                Tp.PROP_CHANNEL_TARGET_HANDLE_TYPE: GLib.Variant("u", 1),
            },
        )
    )
    handler.register()
accounts.prepare_async([], manager_prepared, None)
loop.run()
