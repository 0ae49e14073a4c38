import { Variant } from "@dbus-codegen-ts/runtime";
import { expect, test } from "vitest";
import { MemoryStore } from "../../../../runtime/telepathy/accounts/memory-store.ts";
import { serveAccountManager } from "../../../../runtime/telepathy/accounts/serve-account-manager.ts";
import { RemoteManager } from "../../../../runtime/telepathy/client/remote-manager.ts";
import { busNameToPath } from "../../../../runtime/telepathy/connection/object-names.ts";
import { CANONICAL_ROOT, type DialectName, nameIn } from "../../../../runtime/telepathy/dialects/dialect.ts";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";
import { irc } from "../../../../runtime/telepathy/protocols/irc/irc.ts";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { gdbusCall, gdbusIntrospect } from "../../../e2e/foreign.ts";
import { listMembers } from "../../../e2e/introspection.ts";
import { startTestManager } from "../test-manager.ts";

/** Members of an interface by dialect; those under `all` are in all dialects. */
type MemberTable = Readonly<Partial<Record<"all" | DialectName, readonly string[]>>>;

/** Members of the interface for messages with parts: Text, or Messages in `telepathy-0`. */
const MESSAGES = [
  "DeliveryReportingSupport u read",
  "MessagePartSupportFlags u read",
  "MessageTypes au read",
  "PendingMessages aaa{sv} read",
  "SendMessage(aa{sv}u) s",
  "SupportedContentTypes as read",
  "signal MessageReceived(aa{sv})",
  "signal MessageSent(aa{sv}us)",
  "signal PendingMessagesRemoved(au)",
];

/** Expected members of each interface, whose name is given without root and version. */
const MEMBERS: Readonly<Record<string, MemberTable>> = {
  Channel: {
    all: [
      "ChannelType s read",
      "Close()",
      "InitiatorHandle u read",
      "InitiatorID s read",
      "Interfaces as read",
      "Requested b read",
      "TargetHandle u read",
      "TargetHandleType u read",
      "TargetID s read",
      "signal Closed()",
    ],
    "telepathy-0": ["GetChannelType() s", "GetHandle() uu", "GetInterfaces() as"],
  },
  "Channel.Interface.Destroyable1": { all: ["Destroy()"] },
  "Channel.Type.Text": {
    all: ["AcknowledgePendingMessages(au)"],
    "telepathy-1-2012": MESSAGES,
    "telepathy-1-2013": MESSAGES,
    "telepathy-0": [
      "GetMessageTypes() au",
      "ListPendingMessages(b) a(uuuuus)",
      "Send(us)",
      "signal LostMessage()",
      "signal Received(uuuuus)",
      "signal SendError(uuus)",
      "signal Sent(uus)",
    ],
  },
  "Channel.Interface.Messages": { "telepathy-0": ["GetPendingMessageContent(uau) a{uv}", ...MESSAGES] },
  Connection: {
    all: [
      "AddClientInterest(as)",
      "Connect()",
      "Disconnect()",
      "Interfaces as read",
      "RemoveClientInterest(as)",
      "SelfHandle u read",
      "Status u read",
      "signal ConnectionError(sa{sv})",
      "signal StatusChanged(uu)",
    ],
    "telepathy-1-2012": [
      "InspectHandles(uau) as",
      "Protocol s read",
      "RequestHandles(uas) au",
      "signal SelfHandleChanged(u)",
    ],
    "telepathy-1-2013": ["SelfID s read", "signal SelfContactChanged(us)"],
    "telepathy-0": [
      "GetInterfaces() as",
      "GetProtocol() s",
      "GetSelfHandle() u",
      "GetStatus() u",
      "HasImmortalHandles b read",
      "HoldHandles(uau)",
      "InspectHandles(uau) as",
      "ListChannels() a(osuu)",
      "ReleaseHandles(uau)",
      "RequestChannel(suub) o",
      "RequestHandles(uas) au",
      "SelfID s read",
      "signal NewChannel(osuub)",
      "signal SelfContactChanged(us)",
      "signal SelfHandleChanged(u)",
    ],
  },
  "Connection.Interface.Aliasing1": {
    all: ["RequestAliases(au) as", "SetAliases(a{us})"],
    "telepathy-1-2012": ["GetAliasFlags() u", "GetAliases(au) a{us}", "signal AliasesChanged(a(us))"],
    "telepathy-1-2013": ["AliasFlags u read", "signal AliasesChanged(a{us})"],
    "telepathy-0": ["GetAliasFlags() u", "GetAliases(au) a{us}", "signal AliasesChanged(a(us))"],
  },
  "Connection.Interface.Presence1": {
    all: [
      "MaximumStatusMessageLength u read",
      "SetPresence(ss)",
      "Statuses a{s(ubb)} read",
      "signal PresencesChanged(a{u(uss)})",
    ],
    "telepathy-1-2012": ["GetPresences(au) a{u(uss)}"],
    "telepathy-0": ["GetPresences(au) a{u(uss)}"],
  },
  "Connection.Interface.Renaming1": {
    all: ["RequestRename(s)"],
    "telepathy-1-2012": ["signal Renamed(uu)"],
    "telepathy-1-2013": ["signal Renamed(uus)"],
    "telepathy-0": ["signal Renamed(uu)"],
  },
  "Connection.Interface.Contacts": {
    all: ["GetContactByID(sas) ua{sv}"],
    "telepathy-1-2012": ["ContactAttributeInterfaces as read", "GetContactAttributes(auas) a{ua{sv}}"],
    "telepathy-1-2013": ["GetContactAttributes(auas) a{ua{sv}}"],
    "telepathy-0": ["ContactAttributeInterfaces as read", "GetContactAttributes(auasb) a{ua{sv}}"],
  },
  "Connection.Interface.Requests": {
    all: [
      "Channels a(oa{sv}) read",
      "CreateChannel(a{sv}) oa{sv}",
      "EnsureChannel(a{sv}) boa{sv}",
      "RequestableChannelClasses a(a{sv}as) read",
      "signal ChannelClosed(o)",
      "signal NewChannels(a(oa{sv}))",
    ],
  },
  ConnectionManager: {
    all: [
      "Interfaces as read",
      "Protocols a{sa{sv}} read",
      "RequestConnection(sa{sv}) so",
      "signal NewConnection(sos)",
    ],
    "telepathy-1-2012": ["GetParameters(s) a(susv)", "ListProtocols() as"],
    "telepathy-0": ["GetParameters(s) a(susv)", "ListProtocols() as"],
  },
  Protocol: {
    all: [
      "AuthenticationTypes as read",
      "ConnectionInterfaces as read",
      "EnglishName s read",
      "Icon s read",
      "IdentifyAccount(a{sv}) s",
      "Interfaces as read",
      "NormalizeContact(s) s",
      "Parameters a(susv) read",
      "RequestableChannelClasses a(a{sv}as) read",
      "VCardField s read",
    ],
  },
  AccountManager: {
    all: [
      "CreateAccount(sssa{sv}a{sv}) o",
      "Interfaces as read",
      "SupportedAccountProperties as read",
      "signal AccountRemoved(o)",
    ],
    "telepathy-1-2012": ["InvalidAccounts ao read", "ValidAccounts ao read", "signal AccountValidityChanged(ob)"],
    "telepathy-1-2013": ["UnusableAccounts ao read", "UsableAccounts ao read", "signal AccountUsabilityChanged(ob)"],
    "telepathy-0": ["InvalidAccounts ao read", "ValidAccounts ao read", "signal AccountValidityChanged(ob)"],
  },
  Account: {
    all: [
      "AutomaticPresence (uss) readwrite",
      "ChangingPresence b read",
      "ConnectAutomatically b readwrite",
      "Connection o read",
      "ConnectionError s read",
      "ConnectionErrorDetails a{sv} read",
      "ConnectionStatus u read",
      "ConnectionStatusReason u read",
      "CurrentPresence (uss) read",
      "DisplayName s readwrite",
      "Enabled b readwrite",
      "HasBeenOnline b read",
      "Icon s readwrite",
      "Interfaces as read",
      "Nickname s readwrite",
      "NormalizedName s read",
      "Parameters a{sv} read",
      "Reconnect()",
      "Remove()",
      "RequestedPresence (uss) readwrite",
      "Service s readwrite",
      "UpdateParameters(a{sv}as) as",
      "signal AccountPropertyChanged(a{sv})",
      "signal Removed()",
    ],
    "telepathy-1-2012": ["Valid b read"],
    "telepathy-1-2013": ["Supersedes ao readwrite", "Usable b read"],
    "telepathy-0": ["Supersedes ao readwrite", "Valid b read"],
  },
};

test.each(Object.values(DIALECTS))(
  "$name: introspection data contains exactly the members of the dialect",
  async (dialect) => {
    const { root, name } = dialect;
    await using setup = await startTestManager([loopback, irc], { dialects: [dialect] });
    await using _ = await serveAccountManager(setup.service, { dialects: [dialect], store: new MemoryStore() });
    const { target: manager, daemon } = { ...setup.manager, ...setup };
    const connection = await new RemoteManager(setup.client, "test", root).request("loopback", { account: "me" });
    const ircAccount = { account: "me", extra: { server: new Variant("s", "localhost") } };
    const ircConnection = await new RemoteManager(setup.client, "test", root).request("irc", ircAccount);
    const accounts = { destination: `${root}.AccountManager`, path: busNameToPath(`${root}.AccountManager`) };
    const createAccount = `${root}.AccountManager.CreateAccount`;
    const args = ["test", "loopback", "Me", "{'account': <'me'>}", "{}"];
    const created = await gdbusCall(daemon.address, accounts.destination, accounts.path, createAccount, ...args);
    await using connected = await new RemoteManager(setup.client, "test", root).connect("loopback", { account: "you" });
    const { target: channel } = await connected.chats.ensure("me");
    const places = {
      Channel: channel,
      "Channel.Interface.Destroyable1": channel,
      "Channel.Type.Text": channel,
      ...(name === "telepathy-0" && { "Channel.Interface.Messages": channel }),
      Connection: connection,
      "Connection.Interface.Aliasing1": connection,
      "Connection.Interface.Contacts": connection,
      "Connection.Interface.Presence1": connection,
      "Connection.Interface.Renaming1": ircConnection,
      "Connection.Interface.Requests": connection,
      ConnectionManager: manager,
      Protocol: { ...manager, path: `${manager.path}/loopback` },
      AccountManager: accounts,
      Account: { ...accounts, path: `${busNameToPath(root)}/Account/test/loopback/me0` },
    };
    expect(created).toBe(`(objectpath '${places.Account.path}',)`);
    for (const [iface, { destination, path }] of Object.entries(places)) {
      const xml = await gdbusIntrospect(daemon.address, destination, path);
      const { all = [], [name]: some = [] } = MEMBERS[iface] ?? {};
      expect(listMembers(xml, nameIn(root, `${CANONICAL_ROOT}.${iface}`)), iface).toEqual([...all, ...some].sort());
    }
  },
);
