import { InvalidArgumentError, NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { RoomConfiguration } from "../../rooms.ts";
import { isMiddleParameter } from "../name-syntax.ts";
import type { IrcRoom } from "./irc-room.ts";

/** Settings of rooms that can be changed by modes of IRC channels. */
export const MUTABLE_SETTINGS: readonly (keyof RoomConfiguration)[] = [
  "inviteOnly",
  "limit",
  "moderated",
  "private",
  "passwordProtected",
  "password",
];

/** Throws InvalidArgumentError if a text cannot be the key of a channel (RFC 2812, section 2.3.1). */
export function requireKey(key: string): void {
  if (!isMiddleParameter(key) || key.includes(","))
    throw new InvalidArgumentError("the text is not a valid key of a channel");
}

/**
 * Returns the parameters of the MODE commands that change settings of a room, one list per command, without the
 * name of the room.
 *
 * @throws InvalidArgumentError for an invalid value; NotImplementedError for a setting that IRC does not have.
 */
export function modesFor(room: IrcRoom, changes: Partial<RoomConfiguration>): readonly (readonly string[])[] {
  for (const key of Object.keys(changes)) {
    if (!MUTABLE_SETTINGS.some((setting) => setting === key))
      throw new NotImplementedError(`IRC has no setting ${key}`);
  }
  const { inviteOnly, limit, moderated, private: isPrivate } = changes;
  const commands: (readonly string[])[] = [];
  if (inviteOnly !== undefined) commands.push([inviteOnly ? "+i" : "-i"]);
  if (moderated !== undefined) commands.push([moderated ? "+m" : "-m"]);
  if (limit !== undefined) commands.push(limit > 0 ? ["+l", String(limit)] : ["-l"]);
  if (isPrivate === true && !room.hasMode("p")) commands.push(["+s"]);
  if (isPrivate === false) for (const mode of "sp") if (room.hasMode(mode)) commands.push([`-${mode}`]);
  return [...commands, ...keyModes(room, changes)];
}

function keyModes(
  room: IrcRoom,
  { passwordProtected, password }: Partial<RoomConfiguration>,
): readonly (readonly string[])[] {
  if (passwordProtected === undefined && password === undefined) return [];
  const oldKey = room.configuration?.password ?? "";
  // Removing the key requires a parameter. Servers accept any text.
  const remove = room.hasMode("k") ? [["-k", oldKey === "" ? "*" : oldKey]] : [];
  if (passwordProtected === false || (passwordProtected === undefined && password === "")) return remove;
  const key = password ?? oldKey;
  requireKey(key);
  return key === oldKey && room.hasMode("k") ? [] : [...remove, ["+k", key]];
}
