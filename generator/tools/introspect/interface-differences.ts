import type { Span } from "../../compiler/diagnostics/source.ts";
import type { Argument, Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { signatureOf } from "./spec-xml.ts";

/** What two definitions of one interface differ in, as far as it shows on the wire. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Name of the member. */
  readonly member: string;
  /** What the first has, and what the second has; absent where it has nothing of the kind. */
  readonly expected?: string;
  readonly actual?: string;
  /** Place of the member in the first, or of the interface where the first does not have it. */
  readonly span: Span;
}

export type DifferenceKind =
  | `${"method" | "signal" | "property"}-${"missing" | "extra"}`
  | "method-input"
  | "method-output"
  | "method-no-reply"
  | "signal-signature"
  | "property-type"
  | "property-access"
  | "property-emits";

/** All that the second definition has otherwise than the first: names of arguments, docs and order mean nothing. */
export function differences(first: Interface, second: Interface): readonly Difference[] {
  return [
    ...methodDifferences(first, second),
    ...signalDifferences(first, second),
    ...propertyDifferences(first, second),
  ];
}

/** A difference in one line. */
export function describeDifference(difference: Difference): string {
  const { kind, member, actual } = difference;
  const [subject = ""] = kind.split("-");
  if (kind.endsWith("-missing")) return `the ${subject} ${member} is missing`;
  if (kind.endsWith("-extra")) return `the ${subject} ${member}${taking(actual)} is not expected`;
  return `${member}: ${describeFault(difference)}`;
}

/** The same where the member is named already. */
export function describeFault({ kind, expected, actual }: Difference): string {
  const [subject = ""] = kind.split("-");
  if (kind.endsWith("-missing")) return `the ${subject} is missing`;
  if (kind.endsWith("-extra")) return `no spec knows the ${subject}${taking(actual)}`;
  return `${WORDS[kind] ?? kind} is ${actual}, not ${expected}`;
}

/** Which of several methods with one name. */
function taking(input: string | undefined): string {
  return input === undefined ? "" : ` that takes ${input}`;
}

const WORDS: Partial<Record<DifferenceKind, string>> = {
  "method-input": "the input",
  "method-output": "the output",
  "method-no-reply": "the annotation NoReply",
  "signal-signature": "the signature",
  "property-type": "the type",
  "property-access": "the access",
  "property-emits": "the annotation EmitsChangedSignal",
};

function methodDifferences(first: Interface, second: Interface): readonly Difference[] {
  const [before, after] = [groupByName(first.methods), groupByName(second.methods)];
  const found: Difference[] = [];
  for (const [name, overloads] of before) {
    const others = after.get(name);
    if (others === undefined) found.push(...missing("method", overloads));
    else found.push(...overloadDifferences(overloads, others));
  }
  return [...found, ...extra("method", first, before, after)];
}

/** Overloads are told apart by what they take; a method that has none is compared by its name alone. */
function overloadDifferences(overloads: readonly Method[], others: readonly Method[]): readonly Difference[] {
  const [one] = overloads;
  const [other] = others;
  if (one === undefined || other === undefined) return [];
  if (overloads.length === 1 && others.length === 1)
    return [...differ("method-input", one, quoted(one.in), quoted(other.in)), ...replyDifferences(one, other)];
  const formIn = (methods: readonly Method[], method: Method): Method | undefined =>
    methods.find((candidate) => signatureOf(candidate.in) === signatureOf(method.in));
  const actual = others.map((method) => quoted(method.in)).join(" or ");
  const found = overloads.flatMap((method): readonly Difference[] => {
    const same = formIn(others, method);
    if (same !== undefined) return replyDifferences(method, same);
    return [{ kind: "method-input", member: method.name, expected: quoted(method.in), actual, span: method.span }];
  });
  // One that is missing is told with all that are there.
  const isTold = found.some(({ kind }) => kind === "method-input");
  const more = isTold ? [] : others.filter((method) => formIn(overloads, method) === undefined);
  const { name: member, span } = one;
  return [
    ...found,
    ...more.map((method): Difference => ({ kind: "method-extra", member, actual: quoted(method.in), span })),
  ];
}

function replyDifferences(one: Method, other: Method): readonly Difference[] {
  return [
    ...differ("method-output", one, quoted(one.out), quoted(other.out)),
    ...differ("method-no-reply", one, String(one.noReply), String(other.noReply)),
  ];
}

function signalDifferences(first: Interface, second: Interface): readonly Difference[] {
  const [before, after] = [groupByName(first.signals), groupByName(second.signals)];
  const found: Difference[] = [];
  for (const [name, signals] of before) {
    const others = after.get(name);
    if (others === undefined) found.push(...missing("signal", signals));
    else found.push(...differ("signal-signature", signals[0], anyOf(signals), anyOf(others)));
  }
  return [...found, ...extra("signal", first, before, after)];
}

function anyOf(signals: readonly Signal[]): string {
  return signals
    .map(({ args }) => quoted(args))
    .toSorted()
    .join(" or ");
}

function propertyDifferences(first: Interface, second: Interface): readonly Difference[] {
  const [before, after] = [groupByName(first.properties), groupByName(second.properties)];
  const found: Difference[] = [];
  for (const [name, properties] of before) {
    const [one, other] = [properties[0], after.get(name)?.[0]];
    if (other === undefined || one === undefined) found.push(...missing("property", properties));
    else found.push(...onePropertyDifferences(one, other));
  }
  return [...found, ...extra("property", first, before, after)];
}

function onePropertyDifferences(one: Property, other: Property): readonly Difference[] {
  return [
    ...differ("property-type", one, `"${one.type.signature}"`, `"${other.type.signature}"`),
    ...differ("property-access", one, one.access, other.access),
    ...differ("property-emits", one, `"${one.emits}"`, `"${other.emits}"`),
  ];
}

function differ(
  kind: DifferenceKind,
  of: { readonly name: string; readonly span: Span } | undefined,
  expected: string,
  actual: string,
): readonly Difference[] {
  return of === undefined || expected === actual ? [] : [{ kind, member: of.name, expected, actual, span: of.span }];
}

type Kind = "method" | "signal" | "property";
type Member = Method | Signal | Property;

function missing(kind: Kind, members: readonly Member[]): readonly Difference[] {
  return members.slice(0, 1).map(({ name, span }) => ({ kind: `${kind}-missing`, member: name, span }));
}

function extra(
  kind: Kind,
  { span }: Interface,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly Difference[] {
  return [...after.keys()]
    .filter((name) => !before.has(name))
    .map((member) => ({ kind: `${kind}-extra`, member, span }));
}

function groupByName<T extends Member>(members: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const member of members) groups.set(member.name, [...(groups.get(member.name) ?? []), member]);
  return groups;
}

function quoted(args: readonly Argument[]): string {
  return `"${signatureOf(args)}"`;
}
