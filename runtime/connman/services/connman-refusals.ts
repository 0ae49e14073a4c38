import { type RefuseHook, UnknownMethodError, UnknownObjectError } from "@dbus-codegen-ts/runtime";

/**
 * Refuses calls as ConnMan does: whatever is wrong with interface, method or types, the method does not exist. For
 * `connect({ refuse })`, with a dialect whose refusals are those of ConnMan.
 */
export const refuseAsConnman: RefuseHook = ({ interface: name = "", member, signature }, error) => {
  const text = `Method "${member}" with signature "${signature}" on interface "${name}" doesn't exist\n`;
  return error instanceof UnknownObjectError ? new UnknownObjectError(text) : new UnknownMethodError(text);
};
