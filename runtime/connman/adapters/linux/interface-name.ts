const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,14}$/;

/**
 * Returns whether a text is an interface name that is safe in arguments and scripts. Linux also accepts all other
 * characters except `/`, `:` and white space; interfaces with such names are ignored.
 */
export function isInterfaceName(name: string): boolean {
  return NAME.test(name);
}
