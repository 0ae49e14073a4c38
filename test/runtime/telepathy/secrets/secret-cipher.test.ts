import { createDecipheriv, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { offerKey, PLAIN } from "../../../../runtime/telepathy/secrets/secret-cipher.ts";

/** Returns a number as bytes, the most significant byte first. */
const bytesOf = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(2 * length, "0"), "hex");
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
/** Prime of the group in RFC 2409, section 6.2. */
const PRIME = BigInt(
  `0x${[
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd",
    "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed",
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff",
  ].join("")}`,
);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let bit = exponent, factor = base; bit > 0n; bit >>= 1n, factor = (factor * factor) % PRIME) {
    if (bit & 1n) result = (result * factor) % PRIME;
  }
  return result;
}

/** Returns the shared secret of a public key and the other side's private key. */
function sharedWith(publicKey: Uint8Array, privateKey: bigint): Buffer {
  return bytesOf(power(numberOf(publicKey), privateKey), 128);
}

/** Derives a 16-byte key by HKDF (RFC 5869) with SHA-256, without salt and info. */
function deriveKey(secret: Buffer): Buffer {
  const extracted = createHmac("sha256", Buffer.alloc(32)).update(secret).digest();
  return createHmac("sha256", extracted)
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, 16);
}

describe("the key agreement", () => {
  test("has the prime of the second Oakley group and the generator 2", () => {
    const offer = offerKey();
    expect(offer.publicKey.length).toBe(128);
    // The private key of the other side is 5. So its public key is 32, and the shared secret is the fifth power of
    // our public key.
    const { parameters, value } = offer.accept(bytesOf(32n, 128)).encrypt(Buffer.from("secret"));
    expect(decryptWith(deriveKey(sharedWith(offer.publicKey, 5n)), parameters, value)).toBe("secret");
  });

  test("pads a shared secret with leading zeros", () => {
    const offer = offerKey();
    // Searches the smallest private key of the other side for which the shared secret begins with a zero byte.
    let exponent = 5n;
    while (sharedWith(offer.publicKey, exponent)[0] !== 0) exponent++;
    const { parameters, value } = offer.accept(bytesOf(power(2n, exponent), 128)).encrypt(Buffer.from("secret"));
    expect(decryptWith(deriveKey(sharedWith(offer.publicKey, exponent)), parameters, value)).toBe("secret");
  });

  test("gives both sides the same key, and every secret another vector", () => {
    const [ours, theirs] = [offerKey(), offerKey()];
    const [first, second] = [ours.accept(theirs.publicKey), theirs.accept(ours.publicKey)];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (secret) => {
        const transferred = first.encrypt(secret);
        expect(transferred.value.length).toBe((secret.length >> 4) * 16 + 16);
        expect(second.decrypt(transferred)).toEqual(secret);
        expect(first.encrypt(secret).parameters).not.toEqual(transferred.parameters);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    { key: "0", publicKey: bytesOf(0n, 128) },
    { key: "1", publicKey: bytesOf(1n, 128) },
    { key: "prime - 1", publicKey: bytesOf(PRIME - 1n, 128) },
    { key: "prime", publicKey: bytesOf(PRIME, 128) },
    { key: "longer than the prime", publicKey: Buffer.alloc(200, 7) },
    { key: "empty", publicKey: Buffer.alloc(0) },
  ])("rejects the public key $key", ({ publicKey }) => {
    expect(() => offerKey().accept(publicKey)).toThrow();
  });

  test.each([
    { transferred: { parameters: new Uint8Array(16), value: new Uint8Array(5) } },
    { transferred: { parameters: new Uint8Array(3), value: new Uint8Array(16) } },
    { transferred: { parameters: new Uint8Array(), value: new Uint8Array() } },
  ])("rejects $transferred", ({ transferred }) => {
    expect(() => offerKey().accept(offerKey().publicKey).decrypt(transferred)).toThrow();
  });
});

test("a plain session transfers secrets as they are", () => {
  const secret = new Uint8Array([1, 2, 3]);
  expect(PLAIN.encrypt(secret)).toEqual({ parameters: new Uint8Array(), value: secret });
  expect(PLAIN.decrypt({ parameters: new Uint8Array(), value: secret })).toEqual(secret);
});

function decryptWith(key: Buffer, parameters: Uint8Array, value: Uint8Array): string {
  const decipher = createDecipheriv("aes-128-cbc", key, parameters);
  return Buffer.concat([decipher.update(value), decipher.final()]).toString();
}
