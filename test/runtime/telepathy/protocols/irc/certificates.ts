import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Certificate and key, in PEM format. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Properties of a certificate. By default it is valid at present, for localhost. */
export interface CertificateOptions {
  readonly host?: string;
  /** Start of validity in the format of openssl-ca(1): YYYYMMDDHHMMSSZ. */
  readonly from?: string;
  /** End of validity in the format of openssl-ca(1). */
  readonly until?: string;
  /** Number of bits of an RSA key. By default the key is an elliptic-curve key (P-256). */
  readonly rsaBits?: number;
}

/** Name of the program that creates certificates. */
export const OPENSSL = "openssl";

const CONFIG = `
[ca]
default_ca = test
[test]
database = index.txt
serial = serial
new_certs_dir = .
certificate = authority.pem
private_key = authority.key
default_md = sha256
default_days = 30
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`;

/** A certificate authority that stores its files in a folder. */
export class Authority {
  readonly #folder: string;
  #count = 0;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    this.#folder = folder;
    for (const [file, text] of [
      ["openssl.cnf", CONFIG],
      ["index.txt", ""],
      ["serial", "1000\n"],
    ] as const) {
      writeFileSync(join(folder, file), text);
    }
    this.#openssl(
      ...newKeyArguments("authority.key", "Test Authority"),
      "-x509",
      "-days",
      "30",
      "-out",
      "authority.pem",
    );
  }

  /** Certificate of the authority, in PEM format. */
  get pem(): string {
    return readFileSync(join(this.#folder, "authority.pem"), "utf8");
  }

  /** Creates a certificate that the authority signs. */
  sign({ host = "localhost", from, until, rsaBits }: CertificateOptions = {}): Certificate {
    const name = `leaf${this.#count++}`;
    const alternative = ["-addext", `subjectAltName=DNS:${host}`];
    this.#openssl(...newKeyArguments(`${name}.key`, host, rsaBits), ...alternative, "-out", `${name}.csr`);
    const dates = [...(from ? ["-startdate", from] : []), ...(until ? ["-enddate", until] : [])];
    const files = ["-in", `${name}.csr`, "-out", `${name}.pem`];
    this.#openssl("ca", "-batch", "-notext", "-config", "openssl.cnf", ...files, ...dates);
    return this.#files(name);
  }

  /** Creates a self-signed certificate. */
  selfSigned(): Certificate {
    const name = `leaf${this.#count++}`;
    const alternative = ["-addext", "subjectAltName=DNS:localhost"];
    this.#openssl(...newKeyArguments(`${name}.key`, "localhost"), ...alternative, "-x509", "-out", `${name}.pem`);
    return this.#files(name);
  }

  #files(name: string): Certificate {
    return { certificate: join(this.#folder, `${name}.pem`), key: join(this.#folder, `${name}.key`) };
  }

  #openssl(...args: readonly string[]): void {
    execFileSync(OPENSSL, args, { cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"] });
  }
}

function newKeyArguments(keyFile: string, commonName: string, rsaBits?: number): string[] {
  const kind = rsaBits === undefined ? ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"] : [`rsa:${rsaBits}`];
  return ["req", "-new", "-newkey", ...kind, "-noenc", "-keyout", keyFile, "-subj", `/CN=${commonName}`];
}
