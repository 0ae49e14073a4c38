/** An introspection document of a service that is not XML, or above a limit. */
export class InvalidIntrospectionError extends Error {
  override readonly name = "InvalidIntrospectionError";
}
