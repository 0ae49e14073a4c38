import { isDeepStrictEqual } from "node:util";
import { bodyCodec } from "../../runtime/core/wire/arguments-codec.ts";
import { MalformedMessageError, MissingDescriptorError } from "../../runtime/core/wire/errors.ts";
import { decodeBody, decodeMessage, encodeMessage, type Message } from "../../runtime/core/wire/message.ts";
import { readSignature } from "../../runtime/core/wire/signature.ts";
import { Writer } from "../../runtime/core/wire/writer.ts";
import { Random } from "./mutate.ts";
import { randomValue } from "./random-values.ts";

/** Result of a run of mutated messages. */
export interface MessageTally {
  accepted: number;
  rejected: number;
  readonly failures: { readonly seed: number; readonly hex: string; readonly error: unknown }[];
}

/** Largest number of milliseconds that one message may take: far more than any message takes. */
const MAX_MESSAGE_MS = 2000;
const SIGNATURES = [
  "",
  "s",
  "ay",
  "as",
  "a{sv}",
  "v",
  "(su)",
  "a(ys)",
  "a{u(ob)}",
  "ybnqiuxtdsog",
  "av",
  "aaay",
  "a{sa{sv}}",
  "h",
];
/** Returns the mutated message of a number. It is the same on every machine. */
export function mutantMessage(seed: number): Uint8Array {
  const random = new Random(seed);
  let bytes = Buffer.from(randomMessage(random));
  for (let count = random.below(4); count > 0; count--) bytes = Buffer.from(mutateMessage(bytes, random));
  return bytes;
}

/**
 * Decodes the mutated messages of a range of numbers, including bodies. Each message must be accepted and keep its
 * meaning when it is re-encoded and decoded, or be rejected as malformed.
 */
export function fuzzMessages(from: number, to: number): MessageTally {
  const tally: MessageTally = { accepted: 0, rejected: 0, failures: [] };
  for (let seed = from; seed < to; seed++) {
    const bytes = mutantMessage(seed);
    const started = performance.now();
    try {
      if (isAccepted(bytes)) tally.accepted++;
      else tally.rejected++;
      if (performance.now() - started > MAX_MESSAGE_MS) throw new Error(`it took more than ${MAX_MESSAGE_MS} ms`);
    } catch (error) {
      tally.failures.push({ seed, hex: Buffer.from(bytes).toString("hex"), error });
    }
  }
  return tally;
}

function isAccepted(bytes: Uint8Array): boolean {
  try {
    const message = decodeMessage(bytes);
    const values = decodeBody(message, bodyCodec(message.signature));
    const again = decodeMessage(encode(message, message.signature, values));
    const sameHeader = isDeepStrictEqual(headerOf(again), headerOf(message));
    const sameBody = isDeepStrictEqual(decodeBody(again, bodyCodec(again.signature)), values);
    if (!sameHeader || !sameBody) throw new Error("it means something else when it is encoded and decoded again");
    return true;
  } catch (error) {
    if (error instanceof MissingDescriptorError) return true;
    if (error instanceof MalformedMessageError) return false;
    throw error;
  }
}

function headerOf({ bytes: _, bodyOffset: __, ...header }: Message): object {
  return { ...header };
}

function encode(
  header: Parameters<typeof encodeMessage>[1],
  signature: string,
  values: readonly unknown[],
): Uint8Array {
  const writer = new Writer();
  encodeMessage(writer, header, bodyCodec(signature), values);
  return writer.copyBytes();
}

function randomMessage(random: Random): Uint8Array {
  const signature = random.of(SIGNATURES.filter((code) => code !== "h"));
  const names = { path: "/a/b", interface: "a.b", member: "M", destination: ":1.2", sender: "a.b-c" };
  const reply = { replySerial: 1 + random.below(100), sender: ":1.3", destination: ":1.4" };
  const [type, fields] = random.of([
    [1, names],
    [2, reply],
    [3, { ...reply, errorName: "a.b.C" }],
    [4, names],
    [9, {}],
  ] as const);
  const header = { type, flags: random.below(8), serial: 1 + random.below(1000), ...fields };
  const read = readSignature(signature);
  const values = read.ok ? read.types.map((type) => randomValue(type, random)) : [];
  return encode(header, signature, values);
}

/** Changes, inserts, removes or repeats bytes, or overwrites some with a boundary value. */
export function mutateMessage(bytes: Buffer, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.below(8));
  const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  const byte = Buffer.of(random.of([0, 1, 4, 0x7f, 0x80, 0xff, 0x61, 0x76, 0x28, random.below(256)]));
  const number = Buffer.alloc(4);
  number.writeUInt32LE(random.of([0, 1, 8, 0x0400_0001, 0x7fff_ffff, 0xffff_ffff]));
  const changed = [before, byte, bytes.subarray(at + 1)];
  const ways = [
    changed,
    changed,
    changed,
    [before, number, bytes.subarray(at + 4)],
    [before, after],
    [before, cut, cut, after],
  ];
  return Buffer.concat(random.of([...ways, [before, byte, cut, after], [before]]));
}
