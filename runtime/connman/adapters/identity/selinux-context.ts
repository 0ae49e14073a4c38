const NAME = /^[\w.-]+$/;
const CONTEXT = /^[\w.-]+:[\w.-]+:([\w.-]+)(?::[\w.,:-]+)?$/;

/** Whether a text can be the name of an SELinux type, such as `httpd_t`. */
export function isSelinuxType(text: string): boolean {
  return NAME.test(text);
}

/**
 * The type in an SELinux context, which is `user:role:type`, or that with a level behind: its third part. Undefined for
 * what is no context: other security modules label processes too, AppArmor with `unconfined` or `/usr/bin/app (enforce)`.
 */
export function selinuxType(label: string): string | undefined {
  return CONTEXT.exec(label)?.[1];
}
