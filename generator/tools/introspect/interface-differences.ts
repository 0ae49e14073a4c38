import type { Span } from "../../compiler/diagnostics/source.ts";
import { groupBy } from "../../compiler/group-by.ts";
import type { Argument, Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { signatureOf } from "../../compiler/resolve/signature.ts";

/** A difference between two definitions of one interface that is visible on the wire. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Name of the member. */
  readonly member: string;
  /** The value in the expected definition; absent if it does not contain the member. */
  readonly expected?: string;
  /** The value in the actual definition; absent if it does not contain the member. */
  readonly actual?: string;
  /** The position in the expected definition of the member, or of the interface if it does not contain the member. */
  readonly span: Span;
}

/** All kinds of differences. */
export const DIFFERENCE_KINDS = [
  "method-missing",
  "method-extra",
  "method-input",
  "method-output",
  "method-no-reply",
  "signal-missing",
  "signal-extra",
  "signal-signature",
  "property-missing",
  "property-extra",
  "property-type",
  "property-access",
  "property-emits",
] as const;

export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

type MemberKind = "method" | "signal" | "property";
type Member = Method | Signal | Property;

/** Returns all differences. Names of arguments, documentation and the order of members have no effect. */
export function interfaceDifferences(expected: Interface, actual: Interface): readonly Difference[] {
  return [
    ...methodDifferences(expected, actual),
    ...signalDifferences(expected, actual),
    ...propertyDifferences(expected, actual),
  ];
}

/** Describes a difference in one line that names the member. */
export function describeDifference(difference: Difference): string {
  const { kind, member, actual } = difference;
  const [memberKind = ""] = kind.split("-");
  if (kind.endsWith("-missing")) return `the ${memberKind} ${member} is missing`;
  if (kind.endsWith("-extra")) return `the ${memberKind} ${member}${describeInput(actual)} is not expected`;
  return `${member}: ${describeDifferenceOfMember(difference)}`;
}

/** Describes a difference in one line that does not name the member. */
export function describeDifferenceOfMember({ kind, expected, actual }: Difference): string {
  const [memberKind = ""] = kind.split("-");
  if (kind.endsWith("-missing")) return `the ${memberKind} is missing`;
  if (kind.endsWith("-extra")) return `no spec declares the ${memberKind}${describeInput(actual)}`;
  return `${ASPECTS[kind] ?? kind} is ${actual}, not ${expected}`;
}

/** Returns a text that identifies one of several methods with the same name. */
function describeInput(input: string | undefined): string {
  return input === undefined ? "" : ` that takes ${input}`;
}

const ASPECTS: Partial<Record<DifferenceKind, string>> = {
  "method-input": "the input",
  "method-output": "the output",
  "method-no-reply": "the annotation NoReply",
  "signal-signature": "the signature",
  "property-type": "the type",
  "property-access": "the access",
  "property-emits": "the annotation EmitsChangedSignal",
};

function methodDifferences(expected: Interface, actual: Interface): readonly Difference[] {
  const [expectedMethods, actualMethods] = [groupByName(expected.methods), groupByName(actual.methods)];
  const differences: Difference[] = [];
  for (const [name, overloads] of expectedMethods) {
    const actualOverloads = actualMethods.get(name);
    if (actualOverloads === undefined) differences.push(...missingMember("method", overloads));
    else differences.push(...overloadDifferences(overloads, actualOverloads));
  }
  return [...differences, ...extraMembers("method", expected, expectedMethods, actualMethods)];
}

/** Compares methods with the same name. If either side has several, methods with the same input are compared. */
function overloadDifferences(expected: readonly Method[], actual: readonly Method[]): readonly Difference[] {
  const [firstExpected] = expected;
  const [firstActual] = actual;
  if (firstExpected === undefined || firstActual === undefined) return [];
  if (expected.length === 1 && actual.length === 1)
    return [
      ...differenceOf(
        "method-input",
        firstExpected,
        quotedSignature(firstExpected.in),
        quotedSignature(firstActual.in),
      ),
      ...outputDifferences(firstExpected, firstActual),
    ];
  const actualInputs = actual.map((method) => quotedSignature(method.in)).join(" or ");
  const differences = expected.flatMap((method): readonly Difference[] => {
    const counterpart = withInputOf(method, actual);
    if (counterpart !== undefined) return outputDifferences(method, counterpart);
    return differenceOf("method-input", method, quotedSignature(method.in), actualInputs);
  });
  // A difference of the input names all actual overloads.
  const areAllNamed = differences.some(({ kind }) => kind === "method-input");
  const extra = areAllNamed ? [] : actual.filter((method) => withInputOf(method, expected) === undefined);
  const { name: member, span } = firstExpected;
  return [
    ...differences,
    ...extra.map((method): Difference => ({ kind: "method-extra", member, actual: quotedSignature(method.in), span })),
  ];
}

function withInputOf(method: Method, candidates: readonly Method[]): Method | undefined {
  return candidates.find((candidate) => signatureOf(candidate.in) === signatureOf(method.in));
}

function outputDifferences(expected: Method, actual: Method): readonly Difference[] {
  return [
    ...differenceOf("method-output", expected, quotedSignature(expected.out), quotedSignature(actual.out)),
    ...differenceOf("method-no-reply", expected, String(expected.noReply), String(actual.noReply)),
  ];
}

function signalDifferences(expected: Interface, actual: Interface): readonly Difference[] {
  const [expectedSignals, actualSignals] = [groupByName(expected.signals), groupByName(actual.signals)];
  const differences: Difference[] = [];
  for (const [name, overloads] of expectedSignals) {
    const [first] = overloads;
    const actualOverloads = actualSignals.get(name);
    if (first === undefined || actualOverloads === undefined) differences.push(...missingMember("signal", overloads));
    else
      differences.push(
        ...differenceOf("signal-signature", first, signaturesOf(overloads), signaturesOf(actualOverloads)),
      );
  }
  return [...differences, ...extraMembers("signal", expected, expectedSignals, actualSignals)];
}

function signaturesOf(signals: readonly Signal[]): string {
  return signals
    .map(({ args }) => quotedSignature(args))
    .toSorted()
    .join(" or ");
}

function propertyDifferences(expected: Interface, actual: Interface): readonly Difference[] {
  const [expectedProperties, actualProperties] = [groupByName(expected.properties), groupByName(actual.properties)];
  const differences: Difference[] = [];
  for (const [name, properties] of expectedProperties) {
    const [property, actualProperty] = [properties[0], actualProperties.get(name)?.[0]];
    if (property === undefined || actualProperty === undefined)
      differences.push(...missingMember("property", properties));
    else
      differences.push(
        ...differenceOf(
          "property-type",
          property,
          `"${property.type.signature}"`,
          `"${actualProperty.type.signature}"`,
        ),
        ...differenceOf("property-access", property, property.access, actualProperty.access),
        ...differenceOf("property-emits", property, `"${property.emits}"`, `"${actualProperty.emits}"`),
      );
  }
  return [...differences, ...extraMembers("property", expected, expectedProperties, actualProperties)];
}

/** Returns a difference of a member, or none if the values are equal. */
function differenceOf(
  kind: DifferenceKind,
  { name, span }: Member,
  expected: string,
  actual: string,
): readonly Difference[] {
  return expected === actual ? [] : [{ kind, member: name, expected, actual, span }];
}

function missingMember(kind: MemberKind, overloads: readonly Member[]): readonly Difference[] {
  return overloads.slice(0, 1).map(({ name, span }) => ({ kind: `${kind}-missing`, member: name, span }));
}

function extraMembers(
  kind: MemberKind,
  { span }: Interface,
  expected: ReadonlyMap<string, unknown>,
  actual: ReadonlyMap<string, unknown>,
): readonly Difference[] {
  return [...actual.keys()]
    .filter((name) => !expected.has(name))
    .map((member) => ({ kind: `${kind}-extra`, member, span }));
}

function groupByName<T extends Member>(members: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return groupBy(members, ({ name }) => name);
}

function quotedSignature(args: readonly Argument[]): string {
  return `"${signatureOf(args)}"`;
}
