import { createCipheriv, createDecipheriv, getDiffieHellman, hkdfSync, randomBytes } from "node:crypto";

/** A secret as it is transferred over D-Bus: the initialization vector (empty without encryption) and the value. */
export interface TransferredSecret {
  readonly parameters: Uint8Array;
  readonly value: Uint8Array;
}

/** Encrypts and decrypts the secrets of a session. */
export interface SecretCipher {
  encrypt(secret: Uint8Array): TransferredSecret;
  /** Decrypts a secret. Throws Error if it was not encrypted with the key of the session. */
  decrypt(secret: TransferredSecret): Uint8Array;
}

/** Cipher of a session without encryption. */
export const PLAIN: SecretCipher = {
  encrypt: (value) => ({ parameters: new Uint8Array(), value }),
  decrypt: ({ value }) => value,
};

/** Public key of a key agreement, and the function that completes the agreement. */
export interface KeyOffer {
  /** Public key of this program, the most significant byte first. */
  readonly publicKey: Uint8Array;
  /**
   * Returns the cipher that results from the public key of the Secret Service.
   *
   * @throws Error if the key is invalid for the group.
   */
  accept(publicKey: Uint8Array): SecretCipher;
}

/** The 1024-bit Diffie-Hellman group ("Second Oakley Group") of RFC 2409. */
const GROUP = "modp2";
const GROUP_BYTES = 128;
const KEY_BYTES = 16;
const ALGORITHM = "aes-128-cbc";

/** Starts a key agreement with the algorithm `dh-ietf1024-sha256-aes128-cbc-pkcs7` and a new private key. */
export function offerKey(): KeyOffer {
  const exchange = getDiffieHellman(GROUP);
  const publicKey = new Uint8Array(exchange.generateKeys());
  return {
    publicKey,
    accept(peerKey) {
      if (peerKey.length > GROUP_BYTES) throw new Error("the public key is too long");
      // Node.js pads the shared secret with zeros to the length of the prime, as other implementations do.
      const shared = exchange.computeSecret(peerKey);
      return cipherOf(new Uint8Array(hkdfSync("sha256", shared, "", "", KEY_BYTES)));
    },
  };
}

function cipherOf(key: Uint8Array): SecretCipher {
  return {
    encrypt(secret) {
      const parameters = new Uint8Array(randomBytes(KEY_BYTES));
      const cipher = createCipheriv(ALGORITHM, key, parameters);
      return { parameters, value: new Uint8Array(Buffer.concat([cipher.update(secret), cipher.final()])) };
    },
    decrypt({ parameters, value }) {
      const decipher = createDecipheriv(ALGORITHM, key, parameters);
      return new Uint8Array(Buffer.concat([decipher.update(value), decipher.final()]));
    },
  };
}
