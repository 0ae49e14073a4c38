// Decodes bodies. Prints for each its name, the memory that its values are computed to take, and the memory that they
// take, as JSON. Must run with --expose-gc. Argument: length of the bodies in bytes.

import { Variant } from "@dbus-codegen-ts/runtime";
import { bodyCodec } from "../../../runtime/core/wire/arguments-codec.ts";
import { decodeBodyInSteps, decodeMessage, decodingCost } from "../../../runtime/core/wire/message.ts";
import { arrayOf, callWithBody, LARGE_BODIES, type LargeBody } from "../large-bodies.ts";

const [length = "262144"] = process.argv.slice(2);

/** Bodies with an even larger ratio of decoded memory to bytes, or of types that other bodies do not have. */
const FURTHER_BODIES: readonly LargeBody[] = [
  arrayOf("keys of high numbers", "(a{sy})", [{ 1000: 7 }]),
  arrayOf("empty Maps", "(a{uu})", [new Map()]),
  arrayOf("Maps of one entry", "(a{uu})", [new Map([[2 ** 31, 2 ** 31]])]),
  arrayOf("pairs of numbers", "(uu)", [2 ** 31, 2 ** 31]),
  arrayOf("pairs of fractions", "(dd)", [0.5, 0.5]),
  arrayOf("arrays of large numbers", "au", [2 ** 31, 1]),
  arrayOf("arrays of fractions", "(ad)", [[0.5]]),
  arrayOf("arrays of small numbers", "(an)", [[1, 2]]),
  arrayOf("booleans", "b", true),
  arrayOf("variants of fractions", "(v)", [new Variant("d", 0.5)]),
  arrayOf("dictionaries of 20 keys", "(a{sy})", [
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key${index}`, 1])),
  ]),
];

const gc = globalThis.gc;
if (gc === undefined) throw new Error("the program needs --expose-gc");

const memory = (): number => {
  gc();
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const results = [...LARGE_BODIES, ...FURTHER_BODIES].map((body) => {
  const message = decodeMessage(callWithBody(1, ":1.2", body, body.make(Number(length))));
  const cost = decodingCost(message, Number.MAX_SAFE_INTEGER);
  cost.run();
  const decode = (): unknown[] => {
    const steps = decodeBodyInSteps(message, bodyCodec(body.signature), { itemCounts: cost.itemCounts });
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  };
  // The first time includes code and caches.
  decode();
  const measure = (): number => {
    const before = memory();
    const values = decode();
    const used = memory() - before;
    count = values.length;
    return used;
  };
  let count = 0;
  let used = Number.POSITIVE_INFINITY;
  // Other threads of the engine may allocate memory meanwhile, so more than is computed is measured repeatedly.
  for (let attempt = 0; attempt < 3 && used > cost.decodedBytes; attempt++) used = Math.min(used, measure());
  return { name: `${body.signature} ${body.name}`, computed: cost.decodedBytes, used, count };
});
process.stdout.write(JSON.stringify(results));
