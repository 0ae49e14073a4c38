import { decodeUtf8 } from "@dbus-codegen-ts/runtime/files";
import { RoamingPolicy } from "@dbus-codegen-ts/stubs/net.connman.Session";
import type { ConnectionType, SessionPolicy } from "../../policy/policy.ts";
import type { Bearer } from "../../policy/service.ts";
import { isSelinuxType } from "../identity/selinux-context.ts";
import { type FileProblem, type KeyFileGroup, parseKeyFile, quote } from "./key-file.ts";

/** The applications that a policy applies to. If several members are given, one match is sufficient. */
export interface PolicyMatch {
  /** Type of an SELinux context. */
  readonly selinux?: string;
  /** A user, by name or number. */
  readonly uid?: string | number;
  /** A group, by name or number. */
  readonly gid?: string | number;
}

/** A policy with the applications that it applies to. */
export interface FilePolicy {
  readonly match: PolicyMatch;
  readonly policy: SessionPolicy;
}

/** The policies of a file, or its errors. */
export type PolicyFile = { readonly policies: readonly FilePolicy[] } | { readonly problems: readonly FileProblem[] };

/** Largest accepted size of a policy file. */
export const MAX_POLICY_FILE_BYTES = 64 * 1024;
/** Errors of a file that are reported; the others are counted. */
const MAX_REPORTED_PROBLEMS = 20;

const BEARERS: readonly (Bearer | "*")[] = ["ethernet", "wifi", "gadget", "bluetooth", "cellular", "vpn", "*"];
const CONNECTION_TYPES: readonly ConnectionType[] = ["any", "local", "internet"];
const ROAMING_POLICIES = Object.values(RoamingPolicy);
const NAME = /^[^:\p{Cc}]+$/u;
const MAX_ID = 2 ** 32 - 2;

/** The values of a group. */
interface GroupValues {
  selinux: string;
  uid: string | number;
  gid: string | number;
  allowedBearers: readonly (Bearer | "*")[];
  connectionType: ConnectionType;
  priority: boolean;
  roamingPolicy: RoamingPolicy;
  emergencyCall: boolean;
  blockWithoutService: boolean;
  separateByCgroup: boolean;
}

/** A parsed value, or a description of its error. */
type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** Parses a value and stores it. Returns a description of the error, if there is one. */
type KeyParser = (text: string, values: Partial<GroupValues>) => string | undefined;

const KEYS: ReadonlyMap<string, KeyParser> = new Map([
  ["selinux", key("selinux", parseSelinuxType)],
  ["uid", key("uid", parseUserOrGroup)],
  ["gid", key("gid", parseUserOrGroup)],
  ["AllowedBearers", key("allowedBearers", parseBearers)],
  ["ConnectionType", key("connectionType", (text) => parseChoice(text, CONNECTION_TYPES))],
  ["Priority", key("priority", parseBoolean)],
  ["RoamingPolicy", key("roamingPolicy", (text) => parseChoice(text, ROAMING_POLICIES))],
  ["EmergencyCall", key("emergencyCall", parseBoolean)],
  ["BlockWithoutService", key("blockWithoutService", parseBoolean)],
  ["SeparateByCgroup", key("separateByCgroup", parseBoolean)],
]);
const MATCH_KEYS: ReadonlySet<string> = new Set(["selinux", "uid", "gid"]);

/**
 * Parses a file of session policies in ConnMan's format: each group is one policy.
 *
 * ```ini
 * [policy_mail]
 * uid = mail
 * AllowedBearers = wifi ethernet
 * ConnectionType = internet
 * ```
 *
 * One of `selinux`, `uid` and `gid` is required. Users and groups are given by name or, unlike in ConnMan, by number.
 * The other keys are optional. Their defaults are: `AllowedBearers` the list of the client, `ConnectionType` `any`,
 * `Priority` `false`, `RoamingPolicy` `default`, `EmergencyCall` `false`. `BlockWithoutService` and `SeparateByCgroup`
 * (`false`) are unknown to ConnMan.
 *
 * One error invalidates the whole file, so that no incomplete policy applies. Unknown keys, which ConnMan ignores, are
 * errors, too.
 *
 * @param content - Text, or UTF-8 of at most 64 KiB. A byte order mark at its start is skipped.
 * @returns The policies in the order of the file, or its first 20 errors. Never throws.
 */
export function parsePolicyFile(content: string | Uint8Array): PolicyFile {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  if (bytes.length > MAX_POLICY_FILE_BYTES)
    return { problems: [{ message: `larger than ${MAX_POLICY_FILE_BYTES} bytes` }] };
  const text = decodeUtf8(bytes);
  if (text === undefined) return { problems: [{ message: "not UTF-8" }] };
  const { groups, problems } = parseKeyFile(text);
  const parsed = groups.map(parseGroup);
  const all = [...problems, ...parsed.flatMap((group) => group.problems), ...duplicateMatches(groups)];
  if (all.length > 0) return { problems: shortened(all.sort(byPosition)) };
  return { policies: parsed.map(({ values }) => policyOf(values)) };
}

function shortened(problems: readonly FileProblem[]): readonly FileProblem[] {
  const reported = problems.slice(0, MAX_REPORTED_PROBLEMS);
  const more = problems.length - reported.length;
  return more === 0 ? reported : [...reported, { message: `${more} more problems` }];
}

function parseGroup({ line, entries }: KeyFileGroup) {
  const values: Partial<GroupValues> = {};
  const problems: FileProblem[] = entries.flatMap(({ key, value, line, column }) => {
    const parse = KEYS.get(key);
    const message =
      parse === undefined ? `unknown key; known keys are ${[...KEYS.keys()].join(", ")}` : parse(value, values);
    return message === undefined ? [] : [{ line, column, key, message }];
  });
  if (!entries.some(({ key }) => MATCH_KEYS.has(key))) {
    problems.push({ line, column: 1, message: "one of selinux, uid and gid is required" });
  }
  if (values.blockWithoutService && !values.separateByCgroup && values.selinux !== undefined) {
    const key = "BlockWithoutService";
    problems.push({ line, column: 1, key, message: "packets have no SELinux type: use uid, gid or SeparateByCgroup" });
  }
  return { values, problems };
}

/** Returns an error for each user, group or type that already has a policy in the file. */
function duplicateMatches(groups: readonly KeyFileGroup[]): readonly FileProblem[] {
  const seen = new Map<string, KeyFileGroup>();
  const problems: FileProblem[] = [];
  for (const group of groups) {
    for (const { key, value, line, column } of group.entries.filter(({ key }) => MATCH_KEYS.has(key))) {
      const first = seen.get(`${key}=${value}`) ?? group;
      seen.set(`${key}=${value}`, first);
      if (first === group) continue;
      problems.push({ line, column, key, message: `${quote(value)} already has a policy in line ${first.line}` });
    }
  }
  return problems;
}

function policyOf(values: Partial<GroupValues>): FilePolicy {
  const { selinux, uid, gid, allowedBearers } = values;
  return {
    match: {
      ...(selinux !== undefined && { selinux }),
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    },
    policy: {
      ...(allowedBearers !== undefined && { allowedBearers }),
      connectionType: values.connectionType ?? "any",
      priority: values.priority ?? false,
      roamingPolicy: values.roamingPolicy ?? "default",
      emergencyCall: values.emergencyCall ?? false,
      ...(values.blockWithoutService && { blockWithoutService: true }),
      ...(values.separateByCgroup && { separateByCgroup: true }),
    },
  };
}

function key<K extends keyof GroupValues>(name: K, parse: (text: string) => Parsed<GroupValues[K]>): KeyParser {
  return (text, values) => {
    const result = parse(text);
    if ("problem" in result) return result.problem;
    values[name] = result.value;
    return undefined;
  };
}

function parseSelinuxType(text: string): Parsed<string> {
  if (isSelinuxType(text)) return { value: text };
  return { problem: `${quote(text)} is not an SELinux type (the third part of a context, such as httpd_t)` };
}

/** Parses a user or group: a number or a name. Names are looked up when a session is created, not here. */
function parseUserOrGroup(text: string): Parsed<string | number> {
  const isNumber = /^\d+$/.test(text);
  if (isNumber && Number(text) <= MAX_ID) return { value: Number(text) };
  if (!isNumber && NAME.test(text)) return { value: text };
  return { problem: `${quote(text)} is neither a name nor a number up to ${MAX_ID}` };
}

function parseBearers(text: string): Parsed<readonly (Bearer | "*")[]> {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const value = words.flatMap((word) => BEARERS.find((bearer) => bearer === word) ?? []);
  if (value.length === words.length) return { value };
  const unknown = words.filter((word) => !BEARERS.some((bearer) => bearer === word));
  const named = unknown.slice(0, MAX_REPORTED_PROBLEMS).map(quote);
  return { problem: `unknown bearer ${named.join(", ")}; known bearers are ${BEARERS.join(", ")}` };
}

/** Parses a boolean: `true`, `1`, `false` or `0`, as in GLib. */
function parseBoolean(text: string): Parsed<boolean> {
  if (text === "true" || text === "1") return { value: true };
  if (text === "false" || text === "0") return { value: false };
  return { problem: `${quote(text)} is neither true nor false` };
}

function parseChoice<T extends string>(text: string, choices: readonly T[]): Parsed<T> {
  const value = choices.find((choice) => choice === text);
  return value === undefined ? { problem: `${quote(text)} is not one of ${choices.join(", ")}` } : { value };
}

function byPosition(a: FileProblem, b: FileProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
