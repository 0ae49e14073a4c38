import { MessageType, RawWriter } from "./raw-message.ts";
import type { CallResult, RawPeer } from "./raw-peer.ts";

/** The programs that are attacked. */
export type VictimKind = "session daemon" | "connection manager" | "client";

/** An attack with messages of a size. */
export interface Attack {
  readonly name: string;
  /** Type of the message that does the damage. */
  readonly kind: "signal" | "call" | "reply";
  readonly victims: readonly VictimKind[];
  /** Whether the victim must reject the message, which takes less time than accepting it. */
  readonly isRejected: boolean;
  /** Bytes of the smallest and the largest message. Without the largest, the limit of the bus applies. */
  readonly sizes: readonly [smallest: number, largest?: number];
  /** Sends the message. Resolves when the victim has handled it. */
  readonly perform: (peer: RawPeer, victim: AttackedVictim, size: number) => Promise<CallResult>;
}

/** Where an attacker finds a victim. */
export interface AttackedVictim {
  readonly kind: VictimKind;
  readonly destination: string;
  /** An object of the victim, with a method that takes a dictionary. */
  readonly path: string;
  readonly interface: string;
}

const MIB = 2 ** 20;

/** Longest array of the D-Bus specification ("Marshaling"), less the space for other arguments. The header is an array, too. */
const ARRAY_LIMIT = 64 * MIB - 4096;

const PROPERTIES = "org.freedesktop.DBus.Properties";

const SERVICES: readonly VictimKind[] = ["session daemon", "connection manager"];
const EVERY: readonly VictimKind[] = [...SERVICES, "client"];

export const ATTACKS: readonly Attack[] = [
  {
    name: "signal with a long object path",
    kind: "signal",
    victims: EVERY,
    isRejected: true,
    sizes: [1024, ARRAY_LIMIT],
    async perform(peer, victim, size) {
      const signal = { type: MessageType.signal, interface: "org.example.Attack", member: "Signal" };
      peer.send({ ...signal, destination: victim.destination, path: longPath(size) });
      return ping(peer, victim);
    },
  },
  {
    name: "signal with many empty arrays",
    kind: "signal",
    victims: EVERY,
    isRejected: true,
    sizes: [1024, ARRAY_LIMIT],
    async perform(peer, victim, size) {
      const signal = { type: MessageType.signal, interface: "org.example.Attack", member: "Signal", path: "/" };
      peer.send({ ...signal, destination: victim.destination, signature: "aay", body: emptyArrays(size) });
      return ping(peer, victim);
    },
  },
  {
    name: "call of an object with a long path",
    kind: "call",
    victims: EVERY,
    isRejected: true,
    sizes: [1024, ARRAY_LIMIT],
    perform: (peer, { destination }, size) =>
      peer.call({ destination, path: longPath(size), interface: "org.freedesktop.DBus.Peer", member: "NoSuchMethod" }),
  },
  ...(
    [
      ["aay", 4],
      ["a(ii)", 8],

      ["ay", 1],
    ] as const
  ).map(
    ([signature, alignment]): Attack => ({
      name: `call of an unknown method with ${signature}`,
      kind: "call",
      victims: EVERY,
      isRejected: true,
      sizes: [1024, ARRAY_LIMIT],
      perform: (peer, { destination, path, interface: name }, size) =>
        peer.call({
          destination,
          path,
          interface: name,
          member: "NoSuchMethod",
          signature,
          body: emptyArrays(size, alignment),
        }),
    }),
  ),
  {
    name: "call of an unknown object with aay",
    kind: "call",
    victims: EVERY,
    isRejected: true,
    sizes: [1024, ARRAY_LIMIT],
    perform: (peer, { destination }, size) =>
      peer.call({ destination, path: "/no/object", member: "Any", signature: "aay", body: emptyArrays(size) }),
  },
  {
    name: "call with a wrong signature (aay)",
    kind: "call",
    victims: EVERY,
    isRejected: true,
    sizes: [1024, ARRAY_LIMIT],
    perform: (peer, { destination, path }, size) =>
      peer.call({ destination, path, interface: PROPERTIES, member: "Get", signature: "aay", body: emptyArrays(size) }),
  },
  {
    name: "property with a long name",
    kind: "call",
    victims: SERVICES,
    isRejected: true,
    sizes: [1024],
    perform: (peer, { destination, path, interface: name }, size) => {
      const body = new RawWriter().string(name).string("a".repeat(size)).toBuffer();
      return peer.call({ destination, path, interface: PROPERTIES, member: "Get", signature: "ss", body });
    },
  },
  {
    name: "property set to many empty arrays",
    kind: "call",
    victims: SERVICES,
    isRejected: true,
    sizes: [1024, ARRAY_LIMIT],
    perform: (peer, { destination, path, interface: name }, size) => {
      const body = new RawWriter().string(name).string("OfflineMode").signature("aay").align(4).zeros(size, 4);
      const call = { destination, path, interface: PROPERTIES, member: "Set", signature: "ssv" };
      return peer.call({ ...call, body: body.toBuffer() });
    },
  },
  {
    name: "session with a long notifier path",
    kind: "call",
    victims: ["session daemon"],
    isRejected: false,
    sizes: [1024],
    perform: (peer, { destination, path, interface: name }, size) => {
      const body = new RawWriter().zeros(0, 8).string(longPath(size)).toBuffer();
      return peer.call({ destination, path, interface: name, member: "CreateSession", signature: "a{sv}o", body });
    },
  },
  {
    name: "session with many settings",
    kind: "call",
    victims: ["session daemon"],
    isRejected: false,
    sizes: [1024, ARRAY_LIMIT],
    perform: (peer, { destination, path, interface: name }, size) => {
      const body = new RawWriter().bytes(dictionary(size)).string("/n").toBuffer();
      return peer.call({ destination, path, interface: name, member: "CreateSession", signature: "a{sv}o", body });
    },
  },
  {
    name: "session with a setting of many empty arrays",
    kind: "call",
    victims: ["session daemon"],
    isRejected: false,
    sizes: [1024, ARRAY_LIMIT],
    perform: (peer, { destination, path, interface: name }, size) => {
      const body = new RawWriter().bytes(dictionaryOfArrays(size)).string("/n").toBuffer();
      return peer.call({ destination, path, interface: name, member: "CreateSession", signature: "a{sv}o", body });
    },
  },
  {
    name: "connection with many parameters",
    kind: "call",
    victims: ["connection manager"],
    isRejected: false,
    sizes: [1024, ARRAY_LIMIT],
    perform: (peer, { destination, path, interface: name }, size) => {
      const body = new RawWriter().string("loopback").align(8).bytes(dictionary(size)).toBuffer();
      return peer.call({ destination, path, interface: name, member: "RequestConnection", signature: "sa{sv}", body });
    },
  },
  {
    name: "reply with many empty arrays",
    kind: "reply",
    victims: ["client"],
    isRejected: false,
    sizes: [1024, ARRAY_LIMIT],
    perform: (peer, victim, size) => answerNextCall(peer, victim, "aay", emptyArrays(size)),
  },
  {
    name: "reply with many dictionary entries",
    kind: "reply",
    victims: ["client"],
    isRejected: false,
    sizes: [1024, ARRAY_LIMIT],
    perform: (peer, victim, size) => answerNextCall(peer, victim, "a{sv}", dictionary(size)),
  },
  {
    name: "reply with a long object path",
    kind: "reply",
    victims: ["client"],
    isRejected: false,
    sizes: [1024],
    perform: (peer, victim, size) =>
      answerNextCall(peer, victim, "o", new RawWriter().string(longPath(size)).toBuffer()),
  },
  {
    name: "reply with a long error message",
    kind: "reply",
    victims: ["client"],
    isRejected: false,
    sizes: [1024],
    perform: (peer, victim, size) =>
      answerNextCall(peer, victim, "s", new RawWriter().string("e".repeat(size)).toBuffer(), "org.example.Error"),
  },
  {
    name: "8 calls at once: unknown method with aay",
    kind: "call",
    victims: SERVICES,
    isRejected: true,
    sizes: [1024, 4 * MIB],
    async perform(peer, { destination, path, interface: name }, size) {
      const call = { destination, path, interface: name, member: "NoSuchMethod", signature: "aay" };
      const body = emptyArrays(size);
      const results = await Promise.all(Array.from({ length: 8 }, () => peer.call({ ...call, body })));
      return results.at(-1) ?? { reply: "none", size: 0 };
    },
  },
];

/** Calls that an attacker repeats as fast as they are answered. */
export interface Flood {
  readonly name: string;
  readonly victims: readonly VictimKind[];
  /** Calls of each connection that await a reply at the same time. */
  readonly callsInFlight: number;
  readonly connections: number;
  readonly call: (peer: RawPeer, victim: AttackedVictim, index: number) => Promise<CallResult>;
}

const callOf = (member: string, signature: string, body: Buffer): Flood["call"] => {
  return (peer, { destination, path, interface: name }) =>
    peer.call({ destination, path, interface: name, member, signature, body });
};

export const FLOODS: readonly Flood[] = [
  { name: "Ping", victims: SERVICES, callsInFlight: 64, connections: 1, call: ping },
  { name: "Ping from 16 connections", victims: SERVICES, callsInFlight: 64, connections: 16, call: ping },
  {
    name: "Introspect",
    victims: SERVICES,
    callsInFlight: 64,
    connections: 1,
    call: (peer, { destination, path }) =>
      peer.call({ destination, path, interface: "org.freedesktop.DBus.Introspectable", member: "Introspect" }),
  },
  {
    name: "unknown method with 64 KiB of aay",
    victims: SERVICES,
    callsInFlight: 16,
    connections: 1,
    call: callOf("NoSuchMethod", "aay", emptyArrays(65_536)),
  },
  {
    name: "CreateSession with 64 KiB of settings",
    victims: ["session daemon"],
    callsInFlight: 16,
    connections: 1,
    call: callOf("CreateSession", "a{sv}o", new RawWriter().bytes(dictionary(65_536)).string("/n").toBuffer()),
  },
  {
    name: "CreateSession",
    victims: ["session daemon"],
    callsInFlight: 64,
    connections: 1,
    call: (peer, { destination, path, interface: name }, index) => {
      const body = new RawWriter().zeros(0, 8).string(`/n${index}`).toBuffer();
      return peer.call({ destination, path, interface: name, member: "CreateSession", signature: "a{sv}o", body });
    },
  },
  {
    name: "RequestConnection with 64 KiB of parameters",
    victims: ["connection manager"],
    callsInFlight: 16,
    connections: 1,
    call: callOf(
      "RequestConnection",
      "sa{sv}",
      new RawWriter().string("loopback").align(8).bytes(dictionary(65_536)).toBuffer(),
    ),
  },
];

/** Returns the sizes of an attack: each four times the previous one, and the largest that the bus delivers. */
export function sizesOf({ sizes: [smallest, ownLargest] }: Attack, busLimit: number): readonly number[] {
  const largest = Math.min(ownLargest ?? busLimit, busLimit);
  const sizes: number[] = [];
  for (let size = smallest; size < largest; size *= 8) sizes.push(size);
  return [...sizes, largest];
}

/** Sends a small call. The reply shows that all previous messages were handled. */
export function ping(peer: RawPeer, { destination, path }: AttackedVictim): Promise<CallResult> {
  return peer.call({ destination, path, interface: "org.freedesktop.DBus.Peer", member: "Ping" });
}

/** Replies to the next call of the victim. Resolves when the victim has handled the reply. */
async function answerNextCall(
  peer: RawPeer,
  victim: AttackedVictim,
  signature: string,
  body: Buffer,
  errorName?: string,
): Promise<CallResult> {
  const { serial, sender = "" } = await peer.nextCall();
  const reply = { destination: sender, replySerial: serial, signature, body };
  if (errorName === undefined) peer.send({ type: MessageType.methodReturn, ...reply });
  else peer.send({ type: MessageType.error, errorName, ...reply });
  return ping(peer, victim);
}

const longPath = (size: number): string => `/${"a".repeat(size)}`;

/** Returns an array of zero bytes, which are empty arrays, empty texts or zeros. */
function emptyArrays(size: number, elementAlignment = 4): Buffer {
  return new RawWriter().zeros(size & ~7, elementAlignment).toBuffer();
}

/** Returns `a{sv}` at offset 0 with entries of 24 bytes and different keys. */
function dictionary(size: number): Buffer {
  const entries = Buffer.alloc(Math.floor(size / 24) * 24);
  for (let offset = 0, index = 0; offset < entries.length; offset += 24, index++) {
    entries.writeUInt32LE(9, offset);
    entries.write(index.toString(36).padStart(9, "k"), offset + 4, "latin1");
    entries.writeUInt8(1, offset + 14);
    entries.write("y", offset + 15, "latin1");
    entries.writeUInt8(7, offset + 17);
  }
  // An array ends with its last element, without padding.
  const end = Math.max(0, entries.length - 6);
  return new RawWriter().uint32(end).align(8).bytes(entries.subarray(0, end)).toBuffer();
}

/** Returns `a{sv}` with one entry, whose value is `aay` with empty arrays. */
function dictionaryOfArrays(size: number): Buffer {
  const entry = new RawWriter()
    .string("AllowedBearers")
    .signature("aay")
    .align(4)
    .zeros(size & ~3, 4);
  const bytes = entry.toBuffer();
  return new RawWriter().uint32(bytes.length).align(8).bytes(bytes).toBuffer();
}
