import { camelCase, pascalCase } from "../../compiler/names/words.ts";
import { STANDARD_CONTRACTS } from "../../compiler/resolve/standard.ts";
import { argumentsOf, membersOf } from "../../compiler/resolve/walk.ts";
import type { Finding, Subject } from "./rule.ts";

/** Interface names that are not a domain in reverse and then words in CamelCase. */
export function* interfaceNames({ ir }: Subject): Iterable<Finding> {
  for (const { name, span } of ir.interfaces) {
    const elements = name.split(".");
    const domain = elements.slice(0, 2);
    const rest = elements.slice(Math.min(2, elements.length - 1));
    const bad = domain.slice(0, elements.length - 1).find((element) => !/^[a-z_][a-z0-9_]*$/.test(element));
    if (bad !== undefined) {
      const hint = "begin with a domain you own, in reverse: com.example";
      yield { span, message: `the interface name "${name}" does not begin with a domain in lower case`, hint };
      continue;
    }
    // Domains of more than two parts stay in lower case; from the first capital on, all is CamelCase.
    const words = rest.slice(rest.findIndex((element) => /^[A-Z]/.test(element)));
    if (!/^[A-Z]/.test(elements.at(-1) ?? "") || words.some((element) => !/^[A-Z][A-Za-z0-9]*$/.test(element))) {
      const hint = `write its last element as ${pascalCase(elements.at(-1) ?? "")}`;
      yield { span, message: `behind the domain, the interface name "${name}" is not in CamelCase`, hint };
    }
  }
}

/** Interface names without a version to count up. */
export function* interfaceVersions({ ir }: Subject): Iterable<Finding> {
  for (const { name, span } of ir.interfaces) {
    if (name.split(".").some((element) => /[0-9]$/.test(element))) continue;
    const hint = `call it ${name}1, or count in an element before: an incompatible API gets the next number and is served beside the old one`;
    yield { span, message: `the interface name "${name}" carries no version`, hint };
  }
}

/** Methods, signals and properties that are not in CamelCase. */
export function* memberNames({ ir }: Subject): Iterable<Finding> {
  for (const { kind, member } of membersOf(ir)) {
    if (/^[A-Z][A-Za-z0-9]*$/.test(member.name)) continue;
    const message = `the ${kind} name "${member.name}" is not in CamelCase`;
    yield { span: member.span, message, hint: `write ${pascalCase(member.name)}` };
  }
}

/** Arguments that are not in lower case. */
export function* argumentNames({ ir }: Subject): Iterable<Finding> {
  for (const { arg, of } of argumentsOf(ir)) {
    if (arg.name === "" || /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(arg.name)) continue;
    const message = `the argument name "${arg.name}" of ${of.name} is not in lower_case`;
    yield { span: arg.span, message, hint: `write ${lowerCase(arg.name)}` };
  }
}

/** Arguments that nobody can call by a name. */
export function* unnamedArguments({ ir }: Subject): Iterable<Finding> {
  for (const { arg, of } of argumentsOf(ir)) {
    if (arg.name !== "") continue;
    const hint = "generated code calls it by its number, tools show nothing";
    yield { span: arg.span, message: `an argument of ${of.name} has no name`, hint };
  }
}

/** Members that are called as one of a standard interface. */
export function* standardNames({ ir }: Subject): Iterable<Finding> {
  const homes = new Map(
    [...STANDARD_CONTRACTS.values()].flatMap((contract) =>
      Object.values({ ...contract.methods, ...contract.signals }).map(({ name }) => [name, contract.name] as const),
    ),
  );
  for (const { kind, member } of membersOf(ir)) {
    const home = homes.get(member.name);
    if (home === undefined || kind === "property") continue;
    const message = `the ${kind} "${member.name}" is called as that of ${home}`;
    const hint = "a call without an interface may reach either; give it a name that says what it is about";
    yield { span: member.span, message, hint };
  }
}

/** Two members of different kinds with one name in one interface. */
export function* sharedNames({ ir }: Subject): Iterable<Finding> {
  const first = new Map<string, { readonly kind: string; readonly finding: Finding }>();
  for (const { kind, member, of } of membersOf(ir)) {
    const key = `${of.name}.${member.name}`;
    const before = first.get(key);
    if (before === undefined)
      first.set(key, { kind, finding: { span: member.span, message: `the ${kind} stands here` } });
    else if (before.kind !== kind) {
      const message = `the ${kind} "${member.name}" is called as a ${before.kind} of its interface`;
      const hint =
        "many languages have one namespace for all members; say what happened, as in NameLost, or what it holds";
      yield { span: member.span, message, hint, related: before.finding };
    }
  }
}

/** Spec files that are not called after the one interface they hold. */
export function* fileNames({ specs }: Subject): Iterable<Finding> {
  for (const { path, interfaces } of specs) {
    const [one, second] = interfaces;
    if (one === undefined || path.startsWith("<")) continue;
    if (second !== undefined) {
      const message = `the file holds ${interfaces.length} interfaces, this is the second`;
      yield { span: second.name.span, message, hint: "give each interface a file of its own" };
    } else if (path.slice(path.lastIndexOf("/") + 1) !== `${one.name.value}.xml`) {
      const message = `the file is not called after its interface "${one.name.value}"`;
      yield { span: one.name.span, message, hint: `call it ${one.name.value}.xml, so that others find it` };
    }
  }
}

function lowerCase(name: string): string {
  return camelCase(name)
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .toLowerCase();
}
