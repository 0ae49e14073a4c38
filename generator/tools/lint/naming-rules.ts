import { example } from "../../compiler/diagnostics/example.ts";
import { camelCase, pascalCase } from "../../compiler/names/words.ts";
import { STANDARD_CONTRACTS } from "../../compiler/resolve/standard-interfaces.ts";
import { argumentsOf, membersOf } from "../../compiler/resolve/walk.ts";
import { defineRules, type Finding } from "./rule.ts";

const PLAY = `<method name="Play"/>`;
const VOLUME = `<property name="Volume" type="d" access="read"/>`;

/** Rules about names. */
export const NAMING_RULES = defineRules([
  {
    code: "interface-name",
    group: "naming",
    severity: "warning",
    title: "An interface name is not a reversed domain followed by CamelCase",
    meaning:
      "An interface name begins with a domain that its author owns, reversed and in lower case, so that no other project uses the same name. CamelCase elements follow.",
    fix: "Rename the interface before it is in use. Afterwards turn the rule off, because a renamed interface is a new one to its clients.",
    bad: example(PLAY, "org.example.juke_box1"),
    good: example(PLAY),
    *check({ ir }) {
      for (const { name, span } of ir.interfaces) {
        const elements = name.split(".");
        const domain = elements.slice(0, Math.min(2, elements.length - 1));
        const rest = elements.slice(domain.length);
        if (domain.some((element) => !/^[a-z_][a-z0-9_]*$/.test(element))) {
          const hint = "begin with a domain you own, reversed: com.example";
          yield { span, message: `the interface name "${name}" does not begin with a domain in lower case`, hint };
          continue;
        }
        // A domain can have more than two elements. It ends before the first element with a capital.
        const words = rest.slice(rest.findIndex((element) => /^[A-Z]/.test(element)));
        if (!/^[A-Z]/.test(elements.at(-1) ?? "") || words.some((element) => !/^[A-Z][A-Za-z0-9]*$/.test(element))) {
          const hint = `write its last element as ${pascalCase(elements.at(-1) ?? "")}`;
          yield { span, message: `the interface name "${name}" is not in CamelCase after the domain`, hint };
        }
      }
    },
  },
  {
    code: "interface-version",
    group: "naming",
    severity: "warning",
    title: "An interface name has no version number",
    meaning:
      "An incompatible change of an interface breaks its clients. With a version number in its name, a service can serve the next version beside this one. The number is hard to add later.",
    fix: "Put the number after the name of the API: org.example.Jukebox1, org.example.Jukebox1.Player.",
    bad: example(PLAY, "org.example.Jukebox"),
    good: example(PLAY),
    *check({ ir }) {
      for (const { name, span } of ir.interfaces) {
        if (name.split(".").some((element) => /[0-9]$/.test(element))) continue;
        const hint = `use ${name}1, or number an earlier element; an incompatible version gets the next number and is served beside this one`;
        yield { span, message: `the interface name "${name}" has no version number`, hint };
      }
    },
  },
  {
    code: "member-name",
    group: "naming",
    severity: "warning",
    title: "The name of a method, signal or property is not in CamelCase",
    meaning:
      "Names of methods, signals and properties are in CamelCase by convention, as in the standard interfaces. Users do not expect other spellings.",
    fix: "Write each word with a capital letter and without separators.",
    bad: example(`<method name="play_next"/>`),
    good: example(`<method name="PlayNext"/>`),
    *check({ ir }) {
      for (const { kind, member } of membersOf(ir)) {
        if (/^[A-Z][A-Za-z0-9]*$/.test(member.name)) continue;
        const message = `the ${kind} name "${member.name}" is not in CamelCase`;
        yield { span: member.span, message, hint: `write ${pascalCase(member.name)}` };
      }
    },
  },
  {
    code: "argument-name",
    group: "naming",
    severity: "warning",
    title: "The name of an argument is not in lower_case",
    meaning: "Names of arguments are in lower_case by convention, which distinguishes them from names of members.",
    fix: "Write words in lower case, separated by underscores. Messages do not contain names of arguments, so no peer breaks.",
    bad: example(`<method name="Play">\n  <arg name="TrackNumber" type="u" direction="in"/>\n</method>`),
    good: example(`<method name="Play">\n  <arg name="track_number" type="u" direction="in"/>\n</method>`),
    *check({ ir }) {
      for (const { arg, of } of argumentsOf(ir)) {
        if (arg.name === "" || /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(arg.name)) continue;
        const message = `the argument name "${arg.name}" of ${of.name} is not in lower_case`;
        yield { span: arg.span, message, hint: `write ${lowerCase(arg.name)}` };
      }
    },
  },
  {
    code: "unnamed-argument",
    group: "naming",
    severity: "warning",
    title: "An argument has no name",
    meaning:
      "Without a name, the argument is called arg0 in generated code, and tools such as busctl and d-spy show only its type.",
    fix: "Give it a name. Messages do not contain names of arguments, so no peer breaks.",
    bad: example(`<method name="Play">\n  <arg type="s" direction="in"/>\n</method>`),
    good: example(`<method name="Play">\n  <arg name="track" type="s" direction="in"/>\n</method>`),
    *check({ ir }) {
      for (const { arg, of } of argumentsOf(ir)) {
        if (arg.name !== "") continue;
        const hint = "give it a name; generated code uses its position instead, and tools show only its type";
        yield { span: arg.span, message: `an argument of ${of.name} has no name`, hint };
      }
    },
  },
  {
    code: "standard-name",
    group: "naming",
    severity: "warning",
    title: "A member has the name of a member of a standard interface",
    meaning:
      "Every object has the members of the standard interfaces. A call may omit the interface, and then an object with two methods of the same name may run either.",
    fix: "Use a more specific name, such as GetTrack instead of Get.",
    bad: example(`<method name="Introspect">\n  <arg name="track" type="s" direction="in"/>\n</method>`),
    good: example(`<method name="InspectTrack">\n  <arg name="track" type="s" direction="in"/>\n</method>`),
    *check({ ir }) {
      const interfaces = new Map(
        [...STANDARD_CONTRACTS.values()].flatMap(({ name, methods, signals }) =>
          Object.values({ ...methods, ...signals }).map((member) => [member.name, name] as const),
        ),
      );
      for (const { kind, member } of membersOf(ir)) {
        const iface = interfaces.get(member.name);
        if (iface === undefined || kind === "property") continue;
        const message = `the ${kind} "${member.name}" has the name of a member of ${iface}`;
        const hint = "use a more specific name; a call without an interface may reach either of the two";
        yield { span: member.span, message, hint };
      }
    },
  },
  {
    code: "shared-name",
    group: "naming",
    severity: "warning",
    title: "Two members of different kinds have the same name",
    meaning:
      "D-Bus has separate namespaces for methods, signals and properties, but in many languages all members of an object share one. Bindings for these languages rename or drop one of the members.",
    fix: "Name methods after what they do, signals after what happened, and properties after what they contain.",
    bad: example(`<method name="Volume"/>\n${VOLUME}`),
    good: example(`<method name="Mute"/>\n${VOLUME}`),
    *check({ ir }) {
      const first = new Map<string, { readonly kind: string; readonly related: Finding }>();
      for (const { kind, member, of } of membersOf(ir)) {
        const key = `${of.name}.${member.name}`;
        const before = first.get(key);
        if (before === undefined)
          first.set(key, { kind, related: { span: member.span, message: `the ${kind} is declared here` } });
        else if (before.kind !== kind) {
          const message = `the ${kind} "${member.name}" has the name of a ${before.kind} of the same interface`;
          const hint =
            "in many languages all members share one namespace; name a signal after what happened, a property after what it contains";
          yield { span: member.span, message, hint, related: before.related };
        }
      }
    },
  },
  {
    code: "file-name",
    group: "naming",
    severity: "warning",
    title: "A spec file is not named after its only interface",
    meaning:
      "By convention, a spec file contains one interface and has its name. Tools and developers find the installed spec of an interface by this name.",
    fix: "Give each interface its own file, named after the interface.",
    bad: { "jukebox.xml": Object.values(example(PLAY)).join("") },
    good: example(PLAY),
    *check({ specs }) {
      for (const { path, interfaces } of specs) {
        const [first, second] = interfaces;
        if (first === undefined || path.startsWith("<")) continue;
        const fileName = `${first.name.value}.xml`;
        if (second !== undefined) {
          const message = `the file contains ${interfaces.length} interfaces; this is the second`;
          yield { span: second.name.span, message, hint: "give each interface a separate file" };
        } else if (path.slice(path.lastIndexOf("/") + 1) !== fileName) {
          const message = `the file is not named after its interface "${first.name.value}"`;
          yield { span: first.name.span, message, hint: `rename it to ${fileName}, so that others find it` };
        }
      }
    },
  },
]);

function lowerCase(name: string): string {
  return camelCase(name)
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .toLowerCase();
}
