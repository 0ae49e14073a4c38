import { isDeepStrictEqual } from "node:util";
import { Variant } from "@dbus-codegen-ts/runtime";
import { Account } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { parsePolicyFile } from "../../runtime/connman/adapters/policy-files/policy-file.ts";
import { PolicyIndex } from "../../runtime/connman/adapters/policy-files/policy-index.ts";
import { argumentsCodec } from "../../runtime/core/wire/arguments-codec.ts";
import { encodeMessage } from "../../runtime/core/wire/message.ts";
import { Writer } from "../../runtime/core/wire/writer.ts";
import {
  BrokenFileError,
  decodeAccount,
  decodeSecrets,
  encodeAccount,
  encodeSecrets,
} from "../../runtime/telepathy/accounts/account-file.ts";
import { accountProperties } from "../../runtime/telepathy/accounts/account-properties.ts";
import { newAccountSettings } from "../../runtime/telepathy/accounts/account-settings.ts";
import { initialState } from "../../runtime/telepathy/accounts/account-state-machine.ts";
import { mutateBytes, Random } from "./mutate.ts";

/** Result of a run of mutated files. */
export interface FileTally {
  accepted: number;
  rejected: number;
  readonly failures: { readonly seed: number; readonly text: string; readonly error: unknown }[];
}

const NAME = { manager: "m", protocol: "p", id: "a" };
const PASSWORD = "hunter2";
/** Largest number of characters of a message about a file. */
const MAX_MESSAGE_LENGTH = 2000;

const ACCOUNT = encodeAccount(
  {
    name: NAME,
    settings: {
      ...newAccountSettings("Me", parametersOf(["s", "grüße"], ["o", "/a"], ["as", ["a"]], ["u", 7]), new Map()),
      connection: "/im/telepathy1/Connection/m/p/a",
    },
  },
  {
    revision: "0123456789abcdef",
    items: new Map([["password", { type: "s", revision: "fedcba9876543210" }]]),
  },
);
const SECRETS = encodeSecrets(parametersOf(["s", PASSWORD], ["ay", new Uint8Array([1, 2])], ["t", 2n ** 63n]));
const POLICIES = `# Policies
[mail]
uid = mail
gid = 100
AllowedBearers = ethernet wifi *
ConnectionType = internet

[phone]
selinux = phone_t
Priority = true
RoamingPolicy = national
EmergencyCall = 1
`;

/** JSON values that a file must not contain where another value is expected. */
const JSON_VALUES: readonly string[] = [
  ...[
    '""',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00x"',
    '"//"',
    '"/a/"',
    '"x"',
    '"\\u202e\\u001b[2J"',
    '"__proto__"',
    '"s"',
  ],
  ...["0", "-1", "1e999", "4294967296", "2.5", "null", "true", "[]", "{}", '["\\u0000"]', "[[[[]]]]", "9".repeat(400)],
  ...['{"type":"s","value":"\\u0000"}', '{"type":"o","value":"no"}', '{"type":"v","value":1}', '{"__proto__":{}}'],
  ...['{"type":"t","value":"18446744073709551616"}', `"${"x".repeat(5000)}"`, `${"[".repeat(5000)}${"]".repeat(5000)}`],
];
const POLICY_WORDS: readonly string[] = [
  ...["", "[", "]", "=", "[a]", "[mail]", "uid", "uid=0", "uid=4294967295", "gid = -1", "selinux = a:b", "selinux=x_t"],
  ...["\0", "\ud800", "\\", "\\s", "\\x", "\r", "\u202e", "\x1b[2J", "#", "AllowedBearers = 3g", "*", "wifi"],
  ...["Priority = maybe", "EmergencyCall=0", "RoamingPolicy=default", "x".repeat(5000), "[a]\n".repeat(500), ":", ","],
];

/**
 * Reads the mutated files of a range of numbers. Each file must be rejected with a short message without secrets and
 * control characters, or accepted. The contents of an accepted file must not change when they are written and read, and
 * must be valid values for D-Bus.
 */
export function fuzzFiles(from: number, to: number): FileTally {
  const tally: FileTally = { accepted: 0, rejected: 0, failures: [] };
  for (let seed = from; seed < to; seed++) {
    const { read, bytes } = mutantFile(seed);
    try {
      const problem = read(bytes);
      if (problem === undefined) tally.accepted++;
      else {
        tally.rejected++;
        checkMessage(problem);
      }
    } catch (error) {
      tally.failures.push({ seed, text: Buffer.from(bytes).toString(), error });
    }
  }
  return tally;
}

/** Returns the mutated file of a number, and the function that reads it. */
export function mutantFile(seed: number): { readonly read: Reader; readonly bytes: Uint8Array } {
  const random = new Random(seed);
  const [original, values, read] = random.of<readonly [string, readonly string[], Reader]>([
    [ACCOUNT, JSON_VALUES, readAccount],
    [SECRETS, JSON_VALUES, readSecrets],
    [POLICIES, POLICY_WORDS, readPolicies],
  ]);
  let text = original;
  for (let count = random.below(3); count > 0; count--) text = replaceToken(text, random, values);
  const bytes = Buffer.from(text);
  return { read, bytes: random.below(6) === 0 ? mutateBytes(bytes, random) : bytes };
}

/** Reads a file. Returns the message with which it was rejected, or undefined if it was accepted. */
type Reader = (bytes: Uint8Array) => string | undefined;

function readAccount(bytes: Uint8Array): string | undefined {
  return problemOf(() => {
    const file = decodeAccount(Buffer.from(bytes).toString(), NAME);
    const { account, references } = file;
    const copy = decodeAccount(encodeAccount(account, references), NAME);
    if (!isDeepStrictEqual(copy, file)) throw new Error("it changes when it is written");
    send(accountProperties(initialState(account.settings)));
  });
}

function readSecrets(bytes: Uint8Array): string | undefined {
  return problemOf(() => {
    const secrets = decodeSecrets(Buffer.from(bytes).toString());
    if (!isDeepStrictEqual(decodeSecrets(encodeSecrets(secrets)), secrets)) throw new Error("it changes");
    send({ parameters: { extra: Object.fromEntries(secrets) } });
  });
}

function readPolicies(bytes: Uint8Array): string | undefined {
  const file = parsePolicyFile(bytes);
  if ("problems" in file) return file.problems.map(({ message }) => message).join("; ");
  const index = new PolicyIndex(file.policies);
  index.find({ selinux: "phone_t", uid: 7, user: "mail", groups: [{ gid: 100, name: "users" }] });
  return undefined;
}

function problemOf(read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof BrokenFileError) return error.message;
    throw error;
  }
}

/** Encodes the signal that announces properties of an account. Throws if the properties cannot be sent. */
function send(properties: object): void {
  const codec = argumentsCodec(Account.signals.accountPropertyChanged.args);
  const header = {
    type: 4,
    flags: 0,
    serial: 1,
    path: "/a",
    interface: Account.name,
    member: "AccountPropertyChanged",
  };
  encodeMessage(new Writer(), header, codec, [properties]);
}

function checkMessage(message: string): void {
  if (message.includes(PASSWORD)) throw new Error(`it contains a secret: ${message}`);
  if (/[\p{Cc}\p{Cf}]/u.test(message)) throw new Error(`it contains control characters: ${JSON.stringify(message)}`);
  if (message === "" || message.length > MAX_MESSAGE_LENGTH) throw new Error(`it has ${message.length} characters`);
}

/** Values of a JSON object or a key file: texts and numbers after a colon or an equals sign, and texts in lists. */
const VALUE = /(?<=[:=] |^ +)(?:"(?:[^"\\]|\\.)*"|[\w.-]+)/gm;
const TOKEN = /"(?:[^"\\]|\\.)*"|[\w.-]+|[^\s\w]/g;

/**
 * Replaces a random token of a text: a value by one of `values`; a word or punctuation mark by one of `values`, by
 * nothing, or by its repetition.
 */
function replaceToken(text: string, random: Random, values: readonly string[]): string {
  const isValue = random.below(4) > 0;
  const tokens = [...text.matchAll(isValue ? VALUE : TOKEN)];
  if (tokens.length === 0) return random.of(values);
  const { 0: token, index } = random.of(tokens);
  const replacement = random.of(isValue ? values : [...values, "", token + token]);
  return text.slice(0, index) + replacement + text.slice(index + token.length);
}

function parametersOf(...values: readonly (readonly [string, unknown])[]): ReadonlyMap<string, Variant> {
  return new Map(values.map(([type, value], index) => [`p${index}`, new Variant(type, value)]));
}
