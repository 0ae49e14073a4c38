import { isInterfaceName } from "@dbus-codegen-ts/runtime";

/** What a service is called in each of the places that name it. */
export interface ProjectNames {
  readonly interface: string;
  /** Well-known bus name: that of the interface, which follows the same rules. */
  readonly bus: string;
  readonly path: string;
  /** Package, program, systemd unit and system user. */
  readonly program: string;
}

/** Longest interface name whose files fit into a folder, with their endings. */
const MAX_NAME = 200;
/** Longest name of a system user. */
const MAX_USER = 31;

/** Derives all names from the interface's; a text where that is not possible says why. */
export function projectNames(name: string): ProjectNames | string {
  if (!isInterfaceName(name)) return `"${name}" is not an interface name, such as org.example.Jukebox1`;
  if (name.length > MAX_NAME) return `an interface name of ${name.length} characters leaves no room for file endings`;
  if (/^org\.freedesktop\.DBus(\.|$)/.test(name))
    return `${name} belongs to the bus, which no service can stand in for`;
  return { interface: name, bus: name, path: `/${name.replaceAll(".", "/")}`, program: programName(name) };
}

/** A package cannot depend on one of its own name. */
const OWN_PACKAGE = "dbus-codegen-ts";

/** `org.example.Jukebox1` → `example-jukebox1`: never a word alone, which a program of the system may have. */
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
