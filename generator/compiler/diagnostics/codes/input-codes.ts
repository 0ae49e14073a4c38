import type { DiagnosticKinds } from "./diagnostic-kind.ts";

/** Problems of inputs other than specs: running services, mock scripts, and options. */
export const INPUT_CODES = {
  "diagnostic-limit": {
    severity: "warning",
    title: "There are more problems than are reported",
    meaning:
      "At most 10,000 problems are reported, errors in preference to warnings. The message states the number of the others.",
    fix: "Correct the reported problems first: many others may have the same cause.",
  },
  "live-object": {
    severity: "warning",
    title: "An object of a running service could not be read",
    meaning:
      "An object of a running service did not reply, or its reply was not introspection XML. The other objects are read without it.",
    fix: "Inspect the reply of the object: busctl introspect --xml-interface <service> <object>.",
  },
  "live-limit": {
    severity: "warning",
    title: "A running service exceeds a limit of introspection",
    meaning:
      "A running service has too many objects, too deeply nested objects or too large replies. The result contains the objects that were read before the limit was reached.",
    fix: "Start at an object further down: pass the path of the object that you need.",
  },
  "live-differs": {
    severity: "warning",
    title: "Two objects of a running service define an interface differently",
    meaning:
      "Two objects of a running service report different definitions of the same interface. The definition that was read first is used.",
    fix: "Report the difference to the authors of the service. Until it is resolved, start at the object whose definition you need.",
  },
  "installed-differs": {
    severity: "warning",
    title: "An installed spec differs from the running service",
    meaning:
      "A file of an installed package and the running service define an interface differently: the service was not restarted after an update, or the package of the file has another version. The definition of the running service is used, which has no documentation.",
    fix: "Restart the service, or install the same version of both packages.",
  },
  "values-syntax": {
    severity: "error",
    title: "A mock script is not well-formed JSON or YAML",
    meaning: "A mock script contains the values and replies of a mock, as JSON or YAML. This file is neither.",
    fix: "Correct the text at the reported position.",
  },
  "values-key": {
    severity: "error",
    title: "A mock script has an unknown key or lacks a key",
    meaning:
      "A mock script has a key that is neither a member of the spec nor a key of the format, or it lacks a required key.",
    fix: "Correct the key. Members have their D-Bus names.",
  },
  "values-type": {
    severity: "error",
    title: "A value in a mock script does not match its type",
    meaning: "A value in a mock script does not match the type that the spec declares for the member.",
    fix: "Correct the value, or the type in the spec.",
  },
  "option-unmatched": {
    severity: "error",
    title: "A rename or annotation of the config matches no declaration",
    meaning:
      "A rename or an annotation in the config or on the command line applies to a declaration that the specs do not contain. It would have no effect.",
    fix: "Correct the address. An interface is written org.example.Jukebox1, a method org.example.Jukebox1.Play(), a property org.example.Jukebox1:Volume, a signal org.example.Jukebox1::Finished, an argument org.example.Jukebox1.Play()[track].",
  },
  "option-overlay": {
    severity: "error",
    title: "A file that is used as an overlay is not an overlay",
    meaning:
      "The option overlays and the flag --overlay name files that enrich the interfaces of specs. The root element of such a file has the attribute dct:overlay.",
    fix: "Add dct:overlay with the name of the service to the root element, or pass the file as a spec.",
  },
  "option-annotation": {
    severity: "error",
    title: "A name is not the name of an annotation",
    meaning:
      "The config or --annotate adds an annotation whose name is not valid: it has no elements separated by dots, or it begins with org.freedesktop.DBus and the D-Bus specification does not define it. It would have no effect.",
    fix: "Write the full name, such as org.freedesktop.DBus.Deprecated.",
  },
  "option-identifier": {
    severity: "error",
    title: "A rename is not a valid identifier",
    meaning: "A rename in the config or on the command line is not a valid identifier in TypeScript.",
    fix: "Use letters, digits, _ and $. Do not begin with a digit, or with $, which is reserved for members of the runtime.",
  },
  "option-collision": {
    severity: "error",
    title: "A rename collides with another identifier",
    meaning:
      "A rename in the config or on the command line gives an identifier that another declaration of the same scope has, or that every client, service or object has. The other declaration is not renamed automatically, because code that uses it would change its meaning.",
    fix: "Choose another identifier, or rename the other declaration too.",
  },
} as const satisfies DiagnosticKinds;
