import { type Bus, DBusError } from "@dbus-codegen-ts/runtime";
import { ScreenSaverClient } from "./generated/org.freedesktop.ScreenSaver.ts";

/** Bus name and object path of the screen saver. */
export const SCREEN_SAVER = {
  destination: "org.freedesktop.ScreenSaver",
  path: "/org/freedesktop/ScreenSaver",
} as const;

/** A request to prevent the screen saver. Desktops show both texts to the user. */
export interface Inhibition {
  /** Name of the program that makes the request. */
  readonly application: string;
  readonly reason: string;
}

/**
 * Prevents the screen saver, for example during a film:
 * `await using _ = await inhibit(bus, { application: "player", reason: "film" })`.
 *
 * @returns The inhibition. It ends when it is disposed of and when the connection ends.
 */
export async function inhibit(bus: Bus, { application, reason }: Inhibition): Promise<AsyncDisposable> {
  const screenSaver = new ScreenSaverClient(bus, SCREEN_SAVER);
  const cookie = await screenSaver.inhibit(application, reason);
  const end = (): Promise<void> =>
    // The screen saver may have ended, and then it has forgotten the request.
    screenSaver.unInhibit(cookie).catch((error: unknown) => {
      if (!(error instanceof DBusError)) throw error;
    });
  return { [Symbol.asyncDispose]: end };
}
