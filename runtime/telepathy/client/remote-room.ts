import type { Bus, CallOptions, Subscription, Target } from "@dbus-codegen-ts/runtime";
import { ChannelClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel";
import {
  ChannelGroupFlags,
  Group1Client,
  type Group1Signals,
  type LocalPendingInfo,
  ChannelGroupChangeReason as Reason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import {
  ChannelPasswordFlags,
  Password1Client,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Password1";
import { Subject1Client } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Subject1";
import { type MessagePart, TextClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import type { Handle } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ChannelClient as ChannelClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel";
import { GroupClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Group";
import { MessagesClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Messages";
import { PasswordClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Password";
import { Subject2Client } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Subject2";
import { TextClient as TextClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Type.Text";
import { Group1Client as Group1Client2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Group1";
import { rootOfPath } from "../connection/object-names.ts";
import { CANONICAL_ROOT } from "../dialects/dialect.ts";
import { withCanonicalErrors } from "./remote-errors.ts";
import { subscribeAll } from "./subscribe-all.ts";

/** Receiver of the signals of a remote room. */
export interface RemoteRoomListener {
  membersChanged(...change: Group1Signals["membersChangedDetailed"]): void;
  selfHandleChanged(handle: Handle): void;
  passwordRequiredChanged(isRequired: boolean): void;
  /** Called with the subject after the subscription and at each change; undefined if the subject is not known. */
  subjectChanged(subject: string | undefined): void;
  messageReceived(message: readonly MessagePart[]): void;
  /** Called when the channel is closed, or its closing may have been missed. */
  closed(): void;
}

/** Members of a remote room, their identifiers, and the user's handle. */
export interface RemoteMembers {
  readonly members: readonly Handle[];
  readonly localPending: readonly LocalPendingInfo[];
  readonly remotePending: readonly Handle[];
  readonly identifiers: ReadonlyMap<Handle, string>;
  readonly selfHandle: Handle;
}

/**
 * Client of the channel of a room in any dialect, which is detected from the object path. Names of errors are
 * canonical.
 */
export class RemoteRoom {
  readonly target: Target;
  readonly #channel: ChannelClient | ChannelClient0;
  readonly #group: Group1Client | GroupClient;
  /**
   * Client for the signal MembersChanged of `telepathy-1-2013`, whose arguments differ from those of other
   * dialects.
   */
  readonly #newerGroup: Group1Client2013;
  readonly #password: Password1Client | PasswordClient;
  readonly #subject: Subject1Client | Subject2Client;
  readonly #messages: TextClient | MessagesClient;
  readonly #text: TextClient | TextClient0;

  constructor(bus: Bus, target: Target) {
    this.target = target;
    this.#newerGroup = new Group1Client2013(bus, target);
    if ((rootOfPath(target.path) ?? CANONICAL_ROOT) === CANONICAL_ROOT) {
      this.#channel = new ChannelClient(bus, target);
      this.#group = new Group1Client(bus, target);
      this.#password = new Password1Client(bus, target);
      this.#subject = new Subject1Client(bus, target);
      this.#text = new TextClient(bus, target);
      this.#messages = this.#text;
    } else {
      this.#channel = new ChannelClient0(bus, target);
      this.#group = new GroupClient(bus, target);
      this.#password = new PasswordClient(bus, target);
      this.#subject = new Subject2Client(bus, target);
      this.#text = new TextClient0(bus, target);
      this.#messages = new MessagesClient(bus, target);
    }
  }

  /** Subscribes to the signals of the channel. Resolves when all subscriptions are active. */
  async subscribe(listener: RemoteRoomListener): Promise<Subscription> {
    const flags = await withCanonicalErrors(this.#group.properties.groupFlags.get());
    // `telepathy-1-2013`, in which MembersChanged has details, does not have this flag.
    const isDetailed = (flags & ChannelGroupFlags.MembersChangedDetailed) !== 0;
    const { membersChangedDetailed, selfContactChanged } = this.#group.signals;
    const membersChanged = isDetailed ? membersChangedDetailed : this.#newerGroup.signals.membersChanged;
    return subscribeAll([
      membersChanged.subscribe((...change) => listener.membersChanged(...change)),
      selfContactChanged.subscribe((handle) => listener.selfHandleChanged(handle)),
      this.#password.signals.passwordFlagsChanged.subscribe((added, removed) => {
        if (((added | removed) & ChannelPasswordFlags.Provide) === 0) return;
        listener.passwordRequiredChanged((added & ChannelPasswordFlags.Provide) !== 0);
      }),
      this.#subject.properties.subject.subscribe((subject) => listener.subjectChanged(subject)),
      this.#messages.signals.messageReceived.subscribe((message) => listener.messageReceived(message)),
      this.#channel.signals.closed.subscribe(() => listener.closed(), { onMissed: () => listener.closed() }),
    ]);
  }

  async members(call?: CallOptions): Promise<RemoteMembers> {
    const { members, localPendingMembers, remotePendingMembers, memberIdentifiers, selfHandle } =
      this.#group.properties;
    const replies = Promise.all([
      members.get(call),
      localPendingMembers.get(call),
      remotePendingMembers.get(call),
      memberIdentifiers.get(call),
      selfHandle.get(call),
    ]);
    const [list, localPending, remotePending, identifiers, self] = await withCanonicalErrors(replies);
    return { members: list, localPending, remotePending, identifiers, selfHandle: self };
  }

  /** Reads the messages that were not acknowledged. */
  pendingMessages(call?: CallOptions): Promise<readonly (readonly MessagePart[])[]> {
    return withCanonicalErrors(this.#messages.properties.pendingMessages.get(call));
  }

  async isPasswordRequired(call?: CallOptions): Promise<boolean> {
    const flags = await withCanonicalErrors(this.#password.getPasswordFlags(call));
    return (flags & ChannelPasswordFlags.Provide) !== 0;
  }

  providePassword(password: string, call?: CallOptions): Promise<boolean> {
    return withCanonicalErrors(this.#password.providePassword(password, call));
  }

  addMembers(contacts: readonly Handle[], message: string, call?: CallOptions): Promise<void> {
    return withCanonicalErrors(this.#group.addMembers(contacts, message, call));
  }

  removeMembers(contacts: readonly Handle[], message: string, call?: CallOptions): Promise<void> {
    const reply =
      this.#group instanceof GroupClient
        ? this.#group.removeMembers(contacts, message, call)
        : this.#group.removeMembers(contacts, message, Reason.None, call);
    return withCanonicalErrors(reply);
  }

  setSubject(subject: string, call?: CallOptions): Promise<void> {
    return withCanonicalErrors(this.#subject.setSubject(subject, call));
  }

  /** Sends a message. Returns the token of the message; empty if the protocol has no tokens. */
  send(message: readonly MessagePart[], call?: CallOptions): Promise<string> {
    return withCanonicalErrors(this.#messages.sendMessage(message, 0, call));
  }

  acknowledge(ids: readonly number[], call?: CallOptions): Promise<void> {
    return withCanonicalErrors(this.#text.acknowledgePendingMessages(ids, call));
  }

  close(call?: CallOptions): Promise<void> {
    return withCanonicalErrors(this.#channel.close(call));
  }
}
