import { LimitsExceededError, type Variant } from "@dbus-codegen-ts/runtime";

/** Quotas of a connection manager. Calls that would exceed a quota fail with LimitsExceededError. */
export interface ManagerQuotas {
  /** Maximum number of connections that one client has requested and that have not ended. Default: 256. */
  readonly connectionsPerClient?: number;
  /** Maximum number of connections that all clients of one user have requested. Default: 512. */
  readonly connectionsPerUser?: number;
  /** Maximum number of connections in total. Default: 1,024. */
  readonly connections?: number;
  /**
   * Maximum number of handles, over all connections, that were created for one client. Default: 2^20 (about a
   * million).
   */
  readonly handlesPerClient?: number;
  /** Maximum number of handles, over all connections, that were created for all clients of one user. Default: 2^21. */
  readonly handlesPerUser?: number;
  /** Maximum number of handles over all connections. Default: 2^22. */
  readonly handles?: number;
  /** Maximum number of open channels, over all connections, that one client has requested. Default: 1,024. */
  readonly channelsPerClient?: number;
  /**
   * Maximum number of open channels, over all connections, that all clients of one user have requested. Default:
   * 2,048.
   */
  readonly channelsPerUser?: number;
  /** Maximum number of open channels, over all connections, that clients have requested. Default: 8,192. */
  readonly channels?: number;
  /** Maximum size in bytes of all parameters of a connection. Default: 65,536. */
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

/** Quotas of an account manager. Calls that would exceed a quota fail with LimitsExceededError. */
export interface AccountQuotas {
  /** Maximum number of accounts that one client has created. Default: 256. */
  readonly accountsPerClient?: number;
  /**
   * Maximum number of accounts that all clients of one user have created, including accounts stored before a
   * restart. Default: 512.
   */
  readonly accountsPerUser?: number;
  /** Maximum number of accounts in total. Stored accounts are served even if there are more. Default: 1,024. */
  readonly accounts?: number;
  /** Maximum number of characters of a text of an account, such as its DisplayName. Default: 4,096. */
  readonly accountTextLength?: number;
  /** Maximum size in bytes of all parameters of an account. Default: 65,536. */
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
  /**
   * Maximum number of identifiers or handles in one request, which blocks all other callers while it is processed:
   * 2^17 by default.
   */
  readonly maxPerRequest?: number;
  /** Maximum length of an identifier in UTF-16 code units: 4,096 by default. */
  readonly maxIdentifierLength?: number;
  /** Maximum total length of all identifiers in UTF-16 code units: 2^27 by default. */
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
  /** Maximum number of clients with an interest at the same time: 16,384 by default. */
  readonly maxClients?: number;
  /**
   * Maximum number of clients of one user with an interest at the same time: 4,096 by default. The user ids of the
   * first clients, up to half of this number, are not read; these clients are counted as those of one unknown user.
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
   * Maximum number of channels: 4,096 by default. If it is reached, requests fail, and messages of contacts without
   * a channel are dropped and reported to `onError`.
   */
  readonly maxChannels?: number;
  /**
   * Maximum number of pending messages of a channel: 1,024 by default. If it is reached, further messages are
   * dropped, and a notice in the channel reports that.
   */
  readonly maxPendingMessages?: number;
  /** Maximum total length of the pending messages of a channel in UTF-16 code units: 2^20 by default. */
  readonly maxPendingLength?: number;
  /** Maximum length of a text that a client sends, in UTF-16 code units. Default: 65,536. */
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
  /** Maximum number of members of a room, including invited contacts. Further members are not listed. */
  members: 100_000,
  /** Maximum number of invitations of a connection that the user has not answered. Further invitations are ignored. */
  invitations: 64,
} as const;

/** Limits of one connection to an IRC server. The server is not trusted. */
export const IRC_LIMITS = {
  /** Maximum bytes of a received line; longer lines are dropped. RFC 1459 permits 512. */
  lineBytes: 4096,
  /** Maximum bytes that wait to be sent. If the server does not read them, the connection ends. */
  outgoingBytes: 64 * 1024,
  /**
   * Minimum time between two reported changes of the user's nickname. Of several changes in this time, only the
   * last is reported.
   */
  nickChangeIntervalMs: 1000,
  /** Number of lines of texts that can be sent at once. */
  sendBurst: 10,
  /** Time after which one more line of a text can be sent. */
  sendIntervalMs: 1000,
  /** Maximum number of lines of texts that wait to be sent. */
  waitingLines: 200,
  /** Number of recent recipients of texts to which an error reply of the server can refer. */
  recentTargets: 256,
  /** Time after a text within which an error reply of the server can refer to it. */
  sendErrorWithinMs: 60_000,
  /** Maximum number of rooms that the user is in or joins at the same time. Further rooms cannot be joined. */
  rooms: 512,
  /**
   * Maximum number of messages of a room that wait until its list of members is complete. If there are more, the
   * oldest are dropped.
   */
  heldTexts: 256,
  /** Maximum number of messages of all rooms that wait until a list of members is complete. */
  heldTextsOfAllRooms: 4096,
  /** Maximum number of members in the incomplete lists of all rooms. Further members are not listed. */
  incompleteLists: 200_000,
  /** Maximum number of commands for rooms that the server has not answered. Further commands fail. */
  roomCommands: 256,
  /**
   * Maximum number of users whose return after a netsplit is recognized. If there are more, the users who left
   * first are not recognized.
   */
  separatedUsers: 20_000,
  /** Time during which users of one netsplit are collected before they are reported. */
  netsplitReportDelayMs: 200,
  /** Maximum number of requested changes of the user's nickname that wait. Further requests fail. */
  nickRequests: 8,
  /** Maximum number of reported changes of other users' nicknames per second, because each change uses a handle. */
  renamesPerSecond: 10,
  /** Maximum number of nicknames whose spelling is stored. If there are more, the oldest is removed. */
  spellings: 10_000,
  /**
   * Maximum number of contacts whose presence is reported. If there are more, the presence of those used longest
   * ago becomes unknown.
   */
  watchedContacts: 500,
  /** Maximum number of online contacts for which USERHOST is sent: the contacts used last. */
  awayQueryContacts: 30,
  /** Minimum time between the reply to a query of presences and the next query. */
  presenceQueryIntervalMs: 2000,
  /** Minimum time between two changes of the MONITOR list. */
  monitorIntervalMs: 1000,
  /** Minimum time between two starts of observing presences, each of which sends several lines. */
  reportingIntervalMs: 5000,
  /** Minimum time between two queries for the presence of the same contact. */
  presencePeriodMs: 60_000,
  /** Time that a server has to answer AWAY, NICK, ISON or USERHOST. */
  replyMs: 15_000,
} as const;

/** Limits of each user of the loopback protocol. */
export const LOOPBACK_LIMITS = {
  /** Maximum number of characters of a presence message; longer messages are truncated. */
  messageLength: 1000,
  /** Maximum number of characters of an alias; longer aliases are refused. */
  aliasLength: 256,
} as const;

/** Throws LimitsExceededError if parameters exceed a total size. The error message does not contain values. */
export function checkParameterSize(maxBytes: number, parameters: ReadonlyMap<string, Variant>): void {
  let bytes = 0;
  for (const [name, { value }] of parameters) {
    bytes += Buffer.byteLength(name) + sizeOf(value);
    if (bytes > maxBytes) throw new LimitsExceededError(`the parameters may have at most ${maxBytes} bytes in total`);
  }
}

/** Throws LimitsExceededError if a text has too many UTF-16 code units. */
export function checkTextLength(maxLength: number, text: string): void {
  if (text.length > maxLength) throw new LimitsExceededError(`a text may have at most ${maxLength} characters`);
}

/**
 * Returns the approximate size of a parameter's value in bytes. Containers other than lists of strings count as a
 * constant, because validation rejects them later.
 */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.length;
  return Array.isArray(value) ? value.reduce<number>((sum, item) => sum + sizeOf(item), 4 * value.length) : 8;
}
