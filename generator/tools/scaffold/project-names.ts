import { isInterfaceName } from "@dbus-codegen-ts/runtime";

/** The names of a service project. */
export interface ProjectNames {
  readonly interface: string;
  /** Well-known bus name, equal to the interface name: both follow the same rules. */
  readonly bus: string;
  readonly path: string;
  /** Name of the package, the program, the systemd unit and the system user. */
  readonly program: string;
}

/** Longest interface name, in characters, that leaves room for the endings of file names. */
const MAX_NAME = 200;
/** Longest name of a system user, in characters. */
const MAX_USER = 31;

/** Returns the names derived from an interface name; a text that states the reason if that is not possible. */
export function projectNames(name: string): ProjectNames | string {
  if (!isInterfaceName(name)) return `"${name}" is not an interface name, such as org.example.Jukebox1`;
  if (name.length > MAX_NAME) return `an interface name of ${name.length} characters leaves no room for file endings`;
  if (/^org\.freedesktop\.DBus(\.|$)/.test(name))
    return `${name} belongs to the bus; no other service can implement it`;
  return { interface: name, bus: name, path: `/${name.replaceAll(".", "/")}`, program: programName(name) };
}

/** Name that a project must not have: a package cannot depend on a package with the same name. */
const OWN_PACKAGE = "dbus-codegen-ts";

/** Returns `example-jukebox1` for `org.example.Jukebox1`. The name has several words, unlike most programs of the system. */
function programName(name: string): string {
  const elements = name.split(".");
  const words = (elements.length > 2 ? elements.slice(1) : elements)
    .flatMap((element) => element.replace(/([a-z0-9])(?=[A-Z])/g, "$1_").split("_"))
    .filter((word) => word !== "");
  const wanted = words.join("-").toLowerCase() || "service";
  const joined = /^[a-z]+.*-/.test(wanted) ? wanted : `dbus-${wanted}`;
  const short = joined.slice(0, MAX_USER).replace(/-+$/, "");
  return short === OWN_PACKAGE ? `${short}-service` : short;
}
