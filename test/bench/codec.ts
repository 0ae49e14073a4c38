import { execFileSync } from "node:child_process";
import { Message as DBusNextMessage, Variant as DBusNextVariant } from "dbus-next";
import { Variant } from "../../runtime/core/index.ts";
import { bodyCodec } from "../../runtime/core/wire/arguments-codec.ts";
import { decodeBody, decodeMessage, encodeMessage } from "../../runtime/core/wire/message.ts";
import { Writer } from "../../runtime/core/wire/writer.ts";
import { decodeByDBusNext, encodeByDBusNext } from "../peers/dbus-next-codec.ts";
import { dictionaryOf } from "../peers/drive.ts";

/** Measures the microseconds to encode and decode whole messages, next to dbus-next and a plain memory copy. */
const SECONDS = 0.25;
const HEADER = {
  type: 1,
  flags: 0,
  serial: 7,
  destination: "org.example.Bench",
  path: "/org/example/bench",
  interface: "org.example.Bench1",
  member: "Echo",
};

type MakeVariant<V> = (type: string, value: unknown) => V;
const row = <V>(variant: MakeVariant<V>, index: number) => [index, "a text", `key ${index}`, variant("u", index)];
const BODIES: readonly (readonly [name: string, signature: string, make: <V>(variant: MakeVariant<V>) => unknown])[] = [
  ["s", "s", () => "hello, this is a text of a common length"],
  ["(us)", "(us)", () => [42, "a text"]],
  ["a{sv} of 20", "a{sv}", dictionaryOf],
  ["a(ussv) of 100", "a(ussv)", (variant) => Array.from({ length: 100 }, (_, index) => row(variant, index))],
  ["ay of 64 KiB", "ay", () => Buffer.alloc(2 ** 16, 0xa5)],
  ["ay of 4 MiB", "ay", () => Buffer.alloc(2 ** 22, 0xa5)],
];

/** Returns the microseconds of one run: the median of several batches, after as many for warm-up. */
function microseconds(run: () => unknown): number {
  const batches: number[] = [];
  let [size, end] = [1, performance.now() + 2000 * SECONDS];
  const warm = performance.now() + 1000 * SECONDS;
  while (performance.now() < end) {
    const started = performance.now();
    for (let count = 0; count < size; count++) run();
    const took = performance.now() - started;
    if (took < 1) size *= 2;
    else if (performance.now() > warm) batches.push((took * 1000) / size);
    else if (took > 1000 * SECONDS) end = performance.now() + 3 * took;
  }
  return batches.toSorted((a, b) => a - b)[batches.length >> 1] ?? Number.NaN;
}

const cells = (values: readonly string[]): string => values.map((value) => value.padStart(13)).join("");
const times = (of: number, as: number): string => `x${(of / as).toFixed(1)}`;
console.log(
  `${"".padEnd(16)}${cells(["encode µs", "dbus-next", "ratio", "decode µs", "dbus-next", "ratio", "copy µs"])}`,
);
for (const [name, signature, make] of BODIES) {
  const codec = bodyCodec(signature);
  const values = [make((type, value) => new Variant(type, value))];
  const writer = new Writer();
  const encode = (): Uint8Array => {
    encodeMessage(writer, HEADER, codec, values);
    return writer.takeBytes();
  };
  const bytes = Buffer.from(encode());
  const body = [make((type, value) => new DBusNextVariant(type, value))];
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  const encoding = microseconds(encode);
  const decoding = microseconds(() => decodeBody(decodeMessage(bytes), codec));
  const theirEncoding = microseconds(() => encodeByDBusNext(new DBusNextMessage({ ...HEADER, signature, body })));
  const theirDecoding = microseconds(() => decodeByDBusNext(bytes));
  const figures = [encoding, theirEncoding, decoding, theirDecoding].map((figure) => figure.toFixed(2));
  const [ours = "", theirs = "", oursBack = "", theirsBack = ""] = figures;
  const ratios = [times(theirEncoding, encoding), times(theirDecoding, decoding)] as const;
  const copying = microseconds(() => bytes.copy(copy)).toFixed(2);
  console.log(name.padEnd(16) + cells([ours, theirs, ratios[0], oursBack, theirsBack, ratios[1], copying]));
}
console.log(memcpyInC());

/** Returns a line with the times of C's memcpy for several sizes, or a note if there is no compiler. */
function memcpyInC(): string {
  const source = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
int main(void) {
  for (size_t size = 1 << 16; size <= 1 << 22; size <<= 6) {
    char *from = malloc(size), *to = malloc(size);
    memset(from, 1, size);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < 1000; i++) { memcpy(to, from, size); __asm__ volatile("" : : "r"(to) : "memory"); }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("memcpy in C of %zu KiB: %.2f us  ", size >> 10, (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6);
  }
}`;
  try {
    const program = `${process.env["TMPDIR"] ?? "/tmp"}/bench-memcpy-${process.pid}`;
    execFileSync("gcc", ["-O2", "-x", "c", "-o", program, "-"], { input: source });
    return execFileSync(program, { encoding: "utf8" });
  } catch {
    return "without memcpy in C: there is no gcc";
  }
}
