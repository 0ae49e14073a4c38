import {
  accessorsBesideProperty,
  booleanArguments,
  changedSignals,
  emitsUndeclared,
  objectManagers,
  propertyWouldDo,
  writeOnly,
} from "./design-rules.ts";
import {
  deprecatedWithoutReplacement,
  undocumentedArguments,
  undocumentedInterfaces,
  undocumentedMembers,
  undocumentedTypes,
} from "./doc-rules.ts";
import {
  argumentNames,
  fileNames,
  interfaceNames,
  interfaceVersions,
  memberNames,
  sharedNames,
  standardNames,
  unnamedArguments,
} from "./naming-rules.ts";
import type { Rule } from "./rule.ts";
import {
  bareVariants,
  enumsWithoutZero,
  flagBits,
  pathStrings,
  repeatedValues,
  signedEnums,
  undeclaredDictionaries,
  undeclaredErrors,
  unusedTypes,
} from "./type-rules.ts";

/** Every lint rule by its code. Codes are stable; messages may change. */
export const RULES = {
  "undocumented-interface": {
    group: "docs",
    severity: "warning",
    title: "An interface is not documented",
    check: undocumentedInterfaces,
  },
  "undocumented-method": {
    group: "docs",
    severity: "warning",
    title: "A method is not documented",
    check: undocumentedMembers("method"),
  },
  "undocumented-signal": {
    group: "docs",
    severity: "warning",
    title: "A signal is not documented",
    check: undocumentedMembers("signal"),
  },
  "undocumented-property": {
    group: "docs",
    severity: "warning",
    title: "A property is not documented",
    check: undocumentedMembers("property"),
  },
  "undocumented-argument": {
    group: "docs",
    severity: "warning",
    title: "An argument is not documented",
    check: undocumentedArguments,
  },
  "undocumented-type": {
    group: "docs",
    severity: "warning",
    title: "A named type or a part of it is not documented",
    check: undocumentedTypes,
  },
  "deprecated-without-replacement": {
    group: "docs",
    severity: "warning",
    title: "Something is deprecated and does not say what to use instead",
    check: deprecatedWithoutReplacement,
  },
  "interface-name": {
    group: "naming",
    severity: "warning",
    title: "An interface name is not a reversed domain and CamelCase",
    check: interfaceNames,
  },
  "interface-version": {
    group: "naming",
    severity: "warning",
    title: "An interface name carries no version",
    check: interfaceVersions,
  },
  "member-name": {
    group: "naming",
    severity: "warning",
    title: "The name of a method, signal or property is not in CamelCase",
    check: memberNames,
  },
  "argument-name": {
    group: "naming",
    severity: "warning",
    title: "The name of an argument is not in lower_case",
    check: argumentNames,
  },
  "unnamed-argument": {
    group: "naming",
    severity: "warning",
    title: "An argument has no name",
    check: unnamedArguments,
  },
  "standard-name": {
    group: "naming",
    severity: "warning",
    title: "A member is called as one of a standard interface",
    check: standardNames,
  },
  "shared-name": {
    group: "naming",
    severity: "warning",
    title: "Two members of different kinds have one name",
    check: sharedNames,
  },
  "file-name": {
    group: "naming",
    severity: "warning",
    title: "A spec file is not called after its only interface",
    check: fileNames,
  },
  "accessor-beside-property": {
    group: "design",
    severity: "warning",
    title: "A method does what the property beside it does",
    check: accessorsBesideProperty,
  },
  "property-would-do": {
    group: "design",
    severity: "warning",
    title: "A method could be a property",
    check: propertyWouldDo,
  },
  "changed-signal": {
    group: "design",
    severity: "warning",
    title: "A signal tells what PropertiesChanged tells",
    check: changedSignals,
  },
  "emits-undeclared": {
    group: "design",
    severity: "warning",
    title: "Nothing says whether a property announces its changes",
    check: emitsUndeclared,
  },
  "write-only-property": {
    group: "design",
    severity: "warning",
    title: "A property can be written and not read",
    check: writeOnly,
  },
  "boolean-argument": {
    group: "design",
    severity: "off",
    title: "An argument is a boolean where an enum could grow",
    check: booleanArguments,
  },
  "object-manager": {
    group: "design",
    severity: "warning",
    title: "Two signals do what ObjectManager does",
    check: objectManagers,
  },
  "unused-type": { group: "types", severity: "warning", title: "No member uses a named type", check: unusedTypes },
  "undeclared-dictionary": {
    group: "types",
    severity: "warning",
    title: "Nothing says which keys a dictionary has",
    check: undeclaredDictionaries,
  },
  "bare-variant": {
    group: "types",
    severity: "warning",
    title: "A variant may hold anything",
    check: bareVariants,
  },
  "path-as-string": {
    group: "types",
    severity: "warning",
    title: "An object path travels as a string",
    check: pathStrings,
  },
  "undeclared-error": {
    group: "types",
    severity: "warning",
    title: "A method names an error that no spec defines",
    check: undeclaredErrors,
  },
  "signed-enum": { group: "types", severity: "warning", title: "An enum is of signed integers", check: signedEnums },
  "enum-without-zero": {
    group: "types",
    severity: "warning",
    title: "An enum has no value for what is not known",
    check: enumsWithoutZero,
  },
  "repeated-value": {
    group: "types",
    severity: "warning",
    title: "Two names stand for one value",
    check: repeatedValues,
  },
  "flag-bits": { group: "types", severity: "warning", title: "A flag is not one bit", check: flagBits },
} as const satisfies Record<string, Rule>;

/** The code of a lint rule. */
export type RuleName = keyof typeof RULES;
