import type { ConnectionType, RoamingPolicy, SessionPolicy } from "../../policy/policy.ts";
import type { Bearer } from "../../policy/service.ts";
import { isSelinuxType } from "../identity/selinux-context.ts";
import { type FileProblem, type KeyFileGroup, parseKeyFile, quote } from "./key-file.ts";

/** Whom a policy is for. Where several are given, each of them is enough. */
export interface PolicyMatch {
  /** Type of an SELinux context. */
  readonly selinux?: string;
  /** A user, by name or number. */
  readonly uid?: string | number;
  /** A group, by name or number. */
  readonly gid?: string | number;
}

/** A policy, and whom it is for. */
export interface FilePolicy {
  readonly match: PolicyMatch;
  readonly policy: SessionPolicy;
}

/** What is in a file: policies, or what is wrong with it. */
export type PolicyFile = { readonly policies: readonly FilePolicy[] } | { readonly problems: readonly FileProblem[] };

/** How large a policy file may be, in bytes. */
export const MAX_POLICY_FILE = 64 * 1024;

const BEARERS: readonly (Bearer | "*")[] = ["ethernet", "wifi", "gadget", "bluetooth", "cellular", "vpn", "*"];
const CONNECTION_TYPES: readonly ConnectionType[] = ["any", "local", "internet"];
const ROAMING_POLICIES: readonly RoamingPolicy[] = ["national", "international", "default", "always", "forbidden"];
const NAME = /^[^:\p{Cc}]+$/u;
const MAX_ID = 2 ** 32 - 2;

/** What the entries of a group say. */
interface Said {
  selinux: string;
  uid: string | number;
  gid: string | number;
  allowedBearers: readonly (Bearer | "*")[];
  connectionType: ConnectionType;
  priority: boolean;
  roamingPolicy: RoamingPolicy;
  emergencyCall: boolean;
}

/** A value that was read, or why it could not be. */
type Read<T> = { readonly value: T } | { readonly wrong: string };

/** Takes a value over, or tells what is wrong with it. */
type Key = (text: string, said: Partial<Said>) => string | undefined;

const KEYS: ReadonlyMap<string, Key> = new Map([
  ["selinux", key("selinux", readSelinuxType)],
  ["uid", key("uid", readUserOrGroup)],
  ["gid", key("gid", readUserOrGroup)],
  ["AllowedBearers", key("allowedBearers", readBearers)],
  ["ConnectionType", key("connectionType", (text) => choose(text, CONNECTION_TYPES))],
  ["Priority", key("priority", readBoolean)],
  ["RoamingPolicy", key("roamingPolicy", (text) => choose(text, ROAMING_POLICIES))],
  ["EmergencyCall", key("emergencyCall", readBoolean)],
]);
const MATCH_KEYS: ReadonlySet<string> = new Set(["selinux", "uid", "gid"]);

/**
 * Reads a file of session policies in ConnMan's format: each group is one policy.
 *
 * ```ini
 * [policy_mail]
 * uid = mail
 * AllowedBearers = wifi ethernet
 * ConnectionType = internet
 * ```
 *
 * `selinux`, `uid` and `gid` say whom it is for; one is needed. Users and groups are given by name or, other than in
 * ConnMan, by number. `AllowedBearers`, `ConnectionType`, `Priority`, `RoamingPolicy` and `EmergencyCall` may be left out:
 * then they are the application's own list, `any`, `false`, `default` and `false`.
 *
 * One mistake is enough to refuse the whole file, so that nobody gets half of what was meant. Unknown keys, which ConnMan
 * passes over, are mistakes too.
 *
 * @param content - A text, or UTF-8 of at most 64 KiB; a byte order mark at its start is skipped.
 * @returns The policies in the order of the file, or all that is wrong with it. It never throws.
 */
export function parsePolicyFile(content: string | Uint8Array): PolicyFile {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  if (bytes.length > MAX_POLICY_FILE) return { problems: [{ message: `larger than ${MAX_POLICY_FILE} bytes` }] };
  const text = decode(bytes);
  if (text === undefined) return { problems: [{ message: "not UTF-8" }] };
  const { groups, problems } = parseKeyFile(text);
  const read = groups.map(readGroup);
  const all = [...problems, ...read.flatMap(({ wrong }) => wrong), ...repeated(groups)];
  if (all.length > 0) return { problems: all.sort(byPlace) };
  return { policies: read.map(({ said }) => policyOf(said)) };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readGroup({ line, entries }: KeyFileGroup) {
  const said: Partial<Said> = {};
  const wrong: FileProblem[] = entries.flatMap(({ key, value, line, column }) => {
    const take = KEYS.get(key);
    const message =
      take === undefined ? `no key of a policy; there are ${[...KEYS.keys()].join(", ")}` : take(value, said);
    return message === undefined ? [] : [{ line, column, key, message }];
  });
  if (!entries.some(({ key }) => MATCH_KEYS.has(key))) {
    wrong.push({ line, column: 1, message: "does not say whom it is for: selinux, uid or gid" });
  }
  return { said, wrong };
}

/** Policies for somebody who has one already in this file. */
function repeated(groups: readonly KeyFileGroup[]): readonly FileProblem[] {
  const seen = new Map<string, KeyFileGroup>();
  const problems: FileProblem[] = [];
  for (const group of groups) {
    for (const { key, value, line, column } of group.entries.filter(({ key }) => MATCH_KEYS.has(key))) {
      const first = seen.get(`${key}=${value}`) ?? group;
      seen.set(`${key}=${value}`, first);
      if (first === group) continue;
      problems.push({ line, column, key, message: `${quote(value)} has a policy already, in line ${first.line}` });
    }
  }
  return problems;
}

function policyOf(said: Partial<Said>): FilePolicy {
  const { selinux, uid, gid, allowedBearers } = said;
  return {
    match: {
      ...(selinux !== undefined && { selinux }),
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    },
    policy: {
      ...(allowedBearers !== undefined && { allowedBearers }),
      connectionType: said.connectionType ?? "any",
      priority: said.priority ?? false,
      roamingPolicy: said.roamingPolicy ?? "default",
      emergencyCall: said.emergencyCall ?? false,
    },
  };
}

function key<K extends keyof Said>(name: K, read: (text: string) => Read<Said[K]>): Key {
  return (text, said) => {
    const result = read(text);
    if ("wrong" in result) return result.wrong;
    said[name] = result.value;
    return undefined;
  };
}

function readSelinuxType(text: string): Read<string> {
  if (isSelinuxType(text)) return { value: text };
  return { wrong: `${quote(text)} is no SELinux type: the third part of a context, such as httpd_t` };
}

/** Names are taken as they are: whether somebody has them is known only when a session is created. */
function readUserOrGroup(text: string): Read<string | number> {
  const isNumber = /^\d+$/.test(text);
  if (isNumber && Number(text) <= MAX_ID) return { value: Number(text) };
  if (!isNumber && NAME.test(text)) return { value: text };
  return { wrong: `${quote(text)} is no name and no number up to ${MAX_ID}` };
}

function readBearers(text: string): Read<readonly (Bearer | "*")[]> {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const value = words.flatMap((word) => BEARERS.find((bearer) => bearer === word) ?? []);
  if (value.length === words.length) return { value };
  const unknown = words.filter((word) => !BEARERS.some((bearer) => bearer === word));
  return { wrong: `${unknown.map(quote).join(", ")}: no such bearer; there are ${BEARERS.join(", ")}` };
}

/** As GLib reads booleans. */
function readBoolean(text: string): Read<boolean> {
  if (text === "true" || text === "1") return { value: true };
  if (text === "false" || text === "0") return { value: false };
  return { wrong: `${quote(text)} is neither true nor false` };
}

function choose<T extends string>(text: string, choices: readonly T[]): Read<T> {
  const value = choices.find((choice) => choice === text);
  return value === undefined ? { wrong: `${quote(text)} is none of ${choices.join(", ")}` } : { value };
}

function byPlace(a: FileProblem, b: FileProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
