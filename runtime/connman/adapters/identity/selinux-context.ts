const NAME = /^[\w.-]+$/;
const CONTEXT = /^[\w.-]+:[\w.-]+:([\w.-]+)(?::[\w.,:-]+)?$/;

/** Returns whether a text is a valid name of an SELinux type, such as `httpd_t`. */
export function isSelinuxType(text: string): boolean {
  return NAME.test(text);
}

/**
 * Returns the type of an SELinux context `user:role:type` or `user:role:type:level`.
 *
 * @returns undefined for the labels of other security modules, such as AppArmor's `unconfined`.
 */
export function selinuxType(label: string): string | undefined {
  return CONTEXT.exec(label)?.[1];
}
