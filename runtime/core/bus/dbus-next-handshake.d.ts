/** The authentication of dbus-next, which the package does not declare. */
declare module "dbus-next/lib/handshake.js" {
  import type { Duplex } from "node:stream";

  /**
   * Authenticates on a connected stream.
   *
   * @param done - Called with the id of the server, or with an Error or the line of the server that caused the failure.
   */
  function handshake(
    stream: Duplex,
    options: { readonly authMethods: readonly string[] },
    done: (error: unknown, guid?: string) => void,
  ): void;
  export = handshake;
}
