import type { ObjectPath, Signature } from "../values.ts";

/** A call as it came: who calls, what, and how. Every handler gets it as its last argument. */
export interface Incoming {
  /** Unique name of the caller, such as `:1.42`. The bus vouches for it. */
  readonly sender: string;
  readonly path: ObjectPath;
  /** Interface name, where the caller gave one. */
  readonly interface?: string;
  /** Method name on the wire. */
  readonly member: string;
  /** Signature of the arguments. */
  readonly signature: Signature;
  /** The caller does not want a reply; none will be sent. */
  readonly noReply: boolean;
  /** The caller is ready to wait while the user is asked for authorization. */
  readonly interactiveAuthorization: boolean;
}
