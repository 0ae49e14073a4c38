import { LimitsExceededError, type Variant } from "@dbus-codegen-ts/runtime";

/** What clients may use of a connection manager. Beyond a quota, calls fail with LimitsExceededError. */
export interface ManagerQuotas {
  /** Connections that one client has requested and that have not ended. Default: 256. */
  readonly connectionsPerClient?: number;
  /** Connections that all clients of one user have requested. Default: 512. */
  readonly connectionsPerUser?: number;
  /** Connections. Default: 1,024. */
  readonly connections?: number;
  /** Handles of all connections that one client has caused to exist. Default: 2^20 (about a million). */
  readonly handlesPerClient?: number;
  /** Handles of all connections that all clients of one user have caused to exist. Default: 2^21. */
  readonly handlesPerUser?: number;
  /** Handles of all connections. Default: 2^22. */
  readonly handles?: number;
  /** Channels of all connections that one client has requested and that are not closed. Default: 1,024. */
  readonly channelsPerClient?: number;
  /** Channels of all connections that all clients of one user have requested. Default: 2,048. */
  readonly channelsPerUser?: number;
  /** Channels of all connections that clients have requested. Default: 8,192. */
  readonly channels?: number;
  /** Bytes of all parameters of a connection. Default: 65,536. */
  readonly parameterBytes?: number;
}

export const DEFAULT_MANAGER_QUOTAS: Required<ManagerQuotas> = {
  connectionsPerClient: 256,
  connectionsPerUser: 512,
  connections: 1024,
  handlesPerClient: 2 ** 20,
  handlesPerUser: 2 ** 21,
  handles: 2 ** 22,
  channelsPerClient: 1024,
  channelsPerUser: 2048,
  channels: 8192,
  parameterBytes: 65_536,
};

/** What clients may use of an account manager. Beyond a quota, calls fail with LimitsExceededError. */
export interface AccountQuotas {
  /** Accounts that one client has created. Default: 256. */
  readonly accountsPerClient?: number;
  /** Accounts that all clients of one user have created, also before a restart, and that exist. Default: 512. */
  readonly accountsPerUser?: number;
  /** Accounts. More that are stored already are served. Default: 1,024. */
  readonly accounts?: number;
  /** Characters of a text of an account, such as its DisplayName. Default: 4,096. */
  readonly accountTextLength?: number;
  /** Bytes of all parameters of an account. Default: 65,536. */
  readonly parameterBytes?: number;
}

export const DEFAULT_ACCOUNT_QUOTAS: Required<AccountQuotas> = {
  accountsPerClient: 256,
  accountsPerUser: 512,
  accounts: 1024,
  accountTextLength: 4096,
  parameterBytes: 65_536,
};

/** Limits of the handles of one type on one connection. */
export interface HandleLimits {
  /** Maximum number of handles: 2^21 (about two million) by default. */
  readonly maxHandles?: number;
  /** Maximum number of identifiers or handles in one request: 2^17 by default. A request blocks all other callers. */
  readonly maxPerRequest?: number;
  /** Maximum length of an identifier in UTF-16 units: 4096 by default. */
  readonly maxIdentifierLength?: number;
  /** Maximum total length of all identifiers in UTF-16 units: 2^27 by default. */
  readonly maxTotalLength?: number;
}

export const DEFAULT_HANDLE_LIMITS: Required<HandleLimits> = {
  maxHandles: 2 ** 21,
  maxPerRequest: 2 ** 17,
  maxIdentifierLength: 4096,
  maxTotalLength: 2 ** 27,
};

/** Limits of the interests of clients in one connection. */
export interface InterestLimits {
  /** Maximum number of clients that are interested at the same time: 16,384 by default. */
  readonly maxClients?: number;
  /**
   * Maximum number of clients of one user that are interested at the same time: 4,096 by default. The users of the first
   * clients, up to half of this number, are not looked up; these clients count as clients of one more user.
   */
  readonly maxClientsPerUser?: number;
}

export const DEFAULT_INTEREST_LIMITS: Required<InterestLimits> = {
  maxClients: 16_384,
  maxClientsPerUser: 4096,
};

/** Limits of the channels of one connection. */
export interface ChannelLimits {
  /**
   * Maximum number of channels: 4,096 by default. Beyond it, requests fail, and the message of a contact without a channel
   * is dropped and reported to `onError`.
   */
  readonly maxChannels?: number;
  /**
   * Maximum number of messages of a channel that were not acknowledged: 1,024 by default. Beyond it, messages are dropped,
   * and a notice in the channel reports that.
   */
  readonly maxPendingMessages?: number;
  /** Maximum length of these messages together in UTF-16 units: 2^20 by default. */
  readonly maxPendingLength?: number;
  /** Maximum length of a text that a client sends in UTF-16 units: 65,536 by default. */
  readonly maxSentLength?: number;
}

export const DEFAULT_CHANNEL_LIMITS: Required<ChannelLimits> = {
  maxChannels: 4096,
  maxPendingMessages: 1024,
  maxPendingLength: 2 ** 20,
  maxSentLength: 65_536,
};

/** Limits of the rooms of one connection. */
export const ROOM_LIMITS = {
  /** Members of a room, invited contacts included. Further members are not listed. */
  members: 100_000,
  /** Invitations that the user has not answered. Further invitations are ignored. */
  invitations: 64,
} as const;

/** Limits of one connection to an IRC server, which is not trusted. */
export const IRC_LIMITS = {
  /** Length of a received line in bytes; longer lines are dropped. RFC 1459 allows 512. */
  lineBytes: 4096,
  /** Bytes that wait until the server reads. Beyond this limit the connection ends. */
  outgoingBytes: 64 * 1024,
  /** Least time between two reported changes of the user's nickname. Of the changes between, the last is reported. */
  nickChangeIntervalMs: 1000,
  /** Lines of texts that are sent at once. */
  sendBurst: 10,
  /** Time after which one more line can be sent. */
  sendIntervalMs: 1000,
  /** Lines of texts that may wait to be sent. */
  waitingLines: 200,
  /** Contacts and channels of the last sent texts, to which an error of the server can refer. */
  recentTargets: 256,
  /** Time after a text in which an error of the server refers to it. */
  sendErrorWithinMs: 60_000,
  /** Rooms that the user is in or joins at the same time. Further rooms cannot be joined. */
  rooms: 512,
  /** Messages of a room that wait until its list of members is complete. Then the oldest are dropped. */
  heldTexts: 256,
  /** Commands for rooms that the server has not answered. Further commands fail. */
  roomCommands: 256,
  /** Users whose return after a netsplit is recognized; a user who left earlier is forgotten. */
  separatedUsers: 20_000,
  /** Time during which the messages of one netsplit are collected. */
  netsplitReportDelayMs: 200,
  /** Requested changes of the user's nickname that wait for an earlier change. Beyond this limit, requests fail. */
  nickRequests: 8,
  /** Changes of nicknames of other users that are reported in a second: each costs a handle. */
  renamesPerSecond: 10,
  /** Nicknames whose spelling is remembered. Beyond this limit, that of longest ago is forgotten. */
  spellings: 10_000,
  /** Contacts whose presence is reported. Beyond this limit, the presence of those used longest ago is unknown. */
  watchedContacts: 500,
  /** Online contacts whose absences are regularly queried: those that were used last. */
  awayQueryContacts: 30,
  /** Least time between the reply to a question about presences and the next question. */
  presenceQueryIntervalMs: 2000,
  /** Least time between two changes of the list of monitored users. */
  monitorIntervalMs: 1000,
  /** Least time between two starts of reporting presences. */
  reportingIntervalMs: 5000,
  /** Least time between two questions about the presence of the same contact. */
  presencePeriodMs: 60_000,
  /** Time that a server has to answer a request. */
  replyMs: 15_000,
} as const;

/** Limits of a user of the loopback protocol. */
export const LOOPBACK_LIMITS = {
  /** Characters of the message of a presence; longer messages are truncated. */
  messageLength: 1000,
  /** Characters of an alias; longer aliases are refused. */
  aliasLength: 256,
} as const;

/** Throws LimitsExceededError if parameters are larger than allowed. The message does not contain values. */
export function checkParameterSize(maxBytes: number, parameters: ReadonlyMap<string, Variant>): void {
  let bytes = 0;
  for (const [name, { value }] of parameters) {
    bytes += Buffer.byteLength(name) + sizeOf(value);
    if (bytes > maxBytes) throw new LimitsExceededError(`the parameters may have ${maxBytes} bytes in total`);
  }
}

/** Throws LimitsExceededError if a text is longer than allowed. */
export function checkTextLength(maxLength: number, text: string): void {
  if (text.length > maxLength) throw new LimitsExceededError(`a text may have ${maxLength} characters`);
}

/** Returns the approximate size of a value in bytes. Containers other than lists of texts are never accepted later. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.length;
  return Array.isArray(value) ? value.reduce<number>((sum, item) => sum + sizeOf(item), 4 * value.length) : 8;
}
