import { createCipheriv, createDecipheriv, getDiffieHellman, hkdfSync, randomBytes } from "node:crypto";

/** A secret as it is transferred: the initialization vector, which may be empty, and the value. */
export interface TransferredSecret {
  readonly parameters: Uint8Array;
  readonly value: Uint8Array;
}

/** Converts secrets between their form in a session and their bytes. */
export interface SecretCipher {
  encrypt(secret: Uint8Array): TransferredSecret;
  /** Throws Error if the secret was not encrypted with the key of the session. */
  decrypt(secret: TransferredSecret): Uint8Array;
}

/** Leaves secrets as they are. */
export const PLAIN: SecretCipher = {
  encrypt: (value) => ({ parameters: new Uint8Array(), value }),
  decrypt: ({ value }) => value,
};

/** The client's half of a key agreement. */
export interface KeyOffer {
  /** Public key, most significant byte first. */
  readonly publicKey: Uint8Array;
  /**
   * Returns the cipher that results from the public key of the service.
   *
   * @throws Error if it is not a public key of the group.
   */
  accept(publicKey: Uint8Array): SecretCipher;
}

/** The 1024-bit group of RFC 2409, "Second Oakley Group". */
const GROUP = "modp2";
const GROUP_BYTES = 128;
const KEY_BYTES = 16;
const ALGORITHM = "aes-128-cbc";

/** Begins a key agreement of the algorithm `dh-ietf1024-sha256-aes128-cbc-pkcs7` with a new private key. */
export function offerKey(): KeyOffer {
  const exchange = getDiffieHellman(GROUP);
  const publicKey = new Uint8Array(exchange.generateKeys());
  return {
    publicKey,
    accept(peerKey) {
      if (peerKey.length > GROUP_BYTES) throw new Error("the public key is too long");
      // Node pads the shared secret with zeros to the length of the prime, as other implementations do.
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
