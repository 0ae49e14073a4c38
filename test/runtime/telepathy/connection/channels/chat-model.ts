import { Variant } from "@dbus-codegen-ts/runtime";
import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { Channel } from "../../../../../runtime/telepathy/connection/channels/channel.ts";
import {
  ConnectionModel,
  type ConnectionOptions,
} from "../../../../../runtime/telepathy/connection/connection-model.ts";
import type { ConnectionHost } from "../../../../../runtime/telepathy/protocols/protocol.ts";
import type { ChatTarget, OutgoingText, UnsentText } from "../../../../../runtime/telepathy/protocols/text-messages.ts";
import { validateParameters } from "../../../../../runtime/telepathy/protocols/validate-parameters.ts";

/** Client and user that request the channels of a test. */
export const CONSUMER = { client: ":1.1", uid: 1000 };

/** A connected connection whose protocol the test controls. */
export interface ChatModel {
  readonly model: ConnectionModel;
  readonly host: ConnectionHost;
  /** Texts that were passed to the method `send` of the protocol. */
  readonly sent: { readonly target: ChatTarget; readonly message: OutgoingText }[];
  /** Texts that the protocol returns as unsent when the connection ends. */
  readonly unsent: UnsentText[];
  /** Changes of channels with their numbers and targets, such as `added 1 bob`. */
  readonly events: string[];
  /** Errors that were passed to `protocolError`. */
  readonly errors: unknown[];
  /** Simulates a text that a contact sends. */
  receive(contact: string, text: string): void;
  /** Resolves when all events are processed. */
  settle(): Promise<void>;
}

/** Creates a connected connection. Identifiers are normalised to lower case, asynchronously if `isSlow`. */
export async function connectedChatModel(options: ConnectionOptions = {}, isSlow = false): Promise<ChatModel> {
  let host: ConnectionHost | undefined;
  const sent: ChatModel["sent"] = [];
  const unsent: UnsentText[] = [];
  const events: string[] = [];
  const errors: unknown[] = [];
  const model = new ConnectionModel(
    {
      name: "chat",
      englishName: "",
      icon: "",
      vCardField: "",
      parameters: [],
      identifyAccount: () => "me",
      normalizeContact: (identifier) => identifier,
      open: (_parameters, given) => {
        host = given;
        return {
          handleTypes: [HandleType.Contact],
          interestTokens: [],
          attributeInterfaces: [],
          text: {
            messageTypes: [ChannelTextMessageType.Normal, ChannelTextMessageType.Action],
            send: (target, message) => {
              sent.push({ target, message });
              return { text: message.text, token: `token${sent.length}` };
            },
            takeUnsent: () => unsent.splice(0),
          },
          connect: () => given.connected("me"),
          disconnect: async () => undefined,
          normalize: (_type, identifier) =>
            isSlow ? Promise.resolve(identifier.toLowerCase()) : identifier.toLowerCase(),
          contactAttributes: () => [],
          startReporting: () => undefined,
          stopReporting: () => undefined,
        };
      },
    },
    validateParameters([], new Map()),
    {
      selfHandleChanged: () => undefined,
      statusChanged: () => undefined,
      connectionError: () => undefined,
      protocolError: (error) => errors.push(error),
    },
    options,
  );
  const record =
    (kind: string) =>
    ({ identity }: Channel): void =>
      void events.push(`${kind} ${identity.number} ${identity.target.identifier}`);
  model.channels.addListener({
    channelAdded: record("added"),
    channelAnnounced: record("announced"),
    channelClosed: record("closed"),
  });
  model.connect();
  while (model.phase !== "connected") await new Promise((resolve) => setImmediate(resolve));
  if (host === undefined) throw new Error("the protocol was not opened");
  const opened = host;
  return {
    model,
    host: opened,
    sent,
    unsent,
    events,
    errors,
    receive: (identifier, text) =>
      opened.text.messageReceived({
        chat: { type: HandleType.Contact, identifier },
        type: ChannelTextMessageType.Normal,
        text,
      }),
    settle: () => new Promise((resolve) => model.channels.afterReply(resolve)),
  };
}

/** Returns the properties of a request for a text channel with a contact. */
export function textRequest(identifier: string): Map<string, Variant> {
  return new Map<string, Variant>([
    ["im.telepathy1.Channel.ChannelType", new Variant("s", "im.telepathy1.Channel.Type.Text")],
    ["im.telepathy1.Channel.TargetHandleType", new Variant("u", HandleType.Contact)],
    ["im.telepathy1.Channel.TargetID", new Variant("s", identifier)],
  ]);
}

/** Returns the texts of a channel's pending messages. */
export function pendingTexts(channel: Channel): (string | undefined)[] {
  return channel.pending.all.map(([, content]) => content?.content);
}
