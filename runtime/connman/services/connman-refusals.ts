import { type RefuseHook, UnknownMethodError, UnknownObjectError } from "@dbus-codegen-ts/runtime";

/**
 * Returns the error with which ConnMan refuses a call: UnknownObject for an unknown path, UnknownMethod if interface,
 * method or signature are wrong. Pass it to `connect({ refuse })` if the `refusals` of the dialect are `connman`.
 */
export const refuseAsConnman: RefuseHook = ({ interface: name = "(null)", member, signature }, error) => {
  const text = `Method "${member}" with signature "${signature}" on interface "${name}" doesn't exist\n`;
  return error instanceof UnknownObjectError ? new UnknownObjectError(text) : new UnknownMethodError(text);
};
