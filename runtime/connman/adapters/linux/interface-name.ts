const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,14}$/;

/**
 * Whether a text names a network interface and may stand in arguments and scripts. Stricter than Linux, which allows
 * everything but `/`, `:` and white space in its 15 characters: an interface of another name is left alone.
 */
export function isInterfaceName(name: string): boolean {
  return NAME.test(name);
}
