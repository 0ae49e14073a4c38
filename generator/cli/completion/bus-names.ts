import { singleQuoted } from "./model.ts";

/**
 * A script of `sh` that prints the names on the bus `$1` (`session` by default). It uses a tool that exists where a bus is,
 * and no program of the working folder, which may be untrusted. Only valid names are printed.
 */
const SCRIPT = `case $1 in
    "" | session) busctl=--user send=--session ;;
    system) busctl=--system send=--system ;;
    *) busctl=--address=$1 send=--bus=$1 ;;
  esac
  for member in ListNames ListActivatableNames; do
    busctl "$busctl" call org.freedesktop.DBus / org.freedesktop.DBus $member 2>/dev/null ||
      dbus-send "$send" --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.$member 2>/dev/null
  done | grep -o "\\"[A-Za-z_][A-Za-z0-9_.-]*\\"" | tr -d "\\"" | sort -u`;

/** Returns a command that prints the names on a bus. It is valid in bash, zsh and fish. */
export function busNamesCommand(bus: string): string {
  return `sh -c ${singleQuoted(SCRIPT)} sh ${bus}`;
}
