/** The error if an introspection document of a service is not XML, or exceeds a limit. */
export class InvalidIntrospectionError extends Error {
  override readonly name = "InvalidIntrospectionError";
}
