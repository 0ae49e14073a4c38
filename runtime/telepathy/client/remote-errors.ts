import { DBusError, type DBusErrorClass } from "@dbus-codegen-ts/runtime";
import * as TelepathyErrors from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { canonicalErrorName } from "../dialects/dialect.ts";

const CLASSES: ReadonlyMap<string, DBusErrorClass> = new Map(
  Object.values<DBusErrorClass>(TelepathyErrors).map((errorClass) => [errorClass.errorName, errorClass]),
);

/** Awaits a reply. An error of Telepathy in any dialect is thrown with its canonical name. */
export async function withCanonicalErrors<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw canonicalError(error);
  }
}

function canonicalError(error: unknown): unknown {
  if (!(error instanceof DBusError)) return error;
  const { errorName, message } = error;
  const name = canonicalErrorName(errorName);
  const errorClass = CLASSES.get(name);
  if (errorClass !== undefined) return error instanceof errorClass ? error : new errorClass(message, { cause: error });
  return name === errorName ? error : new DBusError(name, message, { cause: error });
}
