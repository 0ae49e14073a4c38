import { singleQuoted } from "./model.ts";

/**
 * Part of a script of `sh` that selects the bus `$1` (`session` by default). The scripts of this module call `busctl`
 * or `dbus-send`, and no program of the working folder, which may be untrusted. They are valid in single quotes of
 * bash, zsh and fish, and print only valid names and paths.
 */
const BUS = `case $1 in
    "" | session) busctl=--user send=--session ;;
    system) busctl=--system send=--system ;;
    *) busctl=--address=$1 send=--bus=$1 ;;
  esac`;

const NAMES = `${BUS}
  for member in ListNames ListActivatableNames; do
    busctl "$busctl" call org.freedesktop.DBus / org.freedesktop.DBus $member 2>/dev/null ||
      dbus-send "$send" --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.$member 2>/dev/null
  done | grep -o "\\"[A-Za-z_][A-Za-z0-9_.-]*\\"" | tr -d "\\"" | sort -u`;

/** Largest number of objects that completion introspects. */
const MAX_CALLS = 64;
/** Largest number of paths that completion offers. */
const MAX_PATHS = 500;
/** Seconds after which no further object is introspected. The last call can take one more second. */
const MAX_SECONDS = 2;

/**
 * A script of `sh` that prints object paths of the running service `$2`: the ancestors of the path `$3`, the paths that
 * begin with `$3`, and their descendants. A service that does not run is not started.
 */
const PATHS = `${BUS}
  name=$2 text=$3 calls=0 end=$(($(date +%s) + ${MAX_SECONDS}))
  case $name in [A-Za-z_:]*.*) ;; *) exit ;; esac
  bus=org.freedesktop.DBus
  if busctl "$busctl" call $bus / $bus NameHasOwner s "$name" 2>/dev/null | grep -q true; then
    introspect() { busctl "$busctl" --timeout=1 call "$name" "$1" $bus.Introspectable Introspect; }
  elif dbus-send "$send" --print-reply --dest=$bus / $bus.NameHasOwner "string:$name" 2>/dev/null | grep -q true; then
    introspect() { dbus-send "$send" --print-reply --reply-timeout=1000 --dest="$name" "$1" $bus.Introspectable.Introspect; }
  else
    exit
  fi
  set -- /
  { while [ $# -gt 0 ] && [ $calls -lt ${MAX_CALLS} ] && [ $(date +%s) -lt $end ]; do
    path=$1 calls=$((calls + 1))
    shift
    echo "$path"
    for child in $(introspect "$path" 2>/dev/null |
      grep -o "<node *name=[^A-Za-z0-9_/>]*[A-Za-z0-9_/]*" | grep -o "[A-Za-z0-9_/]*$" | head -n ${MAX_PATHS}); do
      child=\${path%/}/$child
      case $text in "$child"/*) set -- "$@" "$child" ;; esac
      case $child in *//*) ;; "$text"*) set -- "$@" "$child" ;; esac
    done
  done
  for path; do echo "$path"; done; } | head -n ${MAX_PATHS}`;

/**
 * Returns a shell command that prints the names on a bus. It is valid in bash, zsh and fish.
 *
 * @param bus - Shell expression of the value of `--bus`.
 */
export function busNamesCommand(bus: string): string {
  return `sh -c ${singleQuoted(NAMES)} sh ${bus}`;
}

/**
 * Returns a shell command that prints object paths of a running service. It is valid in bash, zsh and fish. The
 * parameters are shell expressions.
 *
 * @param text - The beginning of the path.
 */
export function objectPathsCommand(bus: string, name: string, text: string): string {
  return `sh -c ${singleQuoted(PATHS)} sh ${bus} ${name} ${text}`;
}
