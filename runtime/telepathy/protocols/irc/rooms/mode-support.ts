/** Modes of channels that a server supports, from PREFIX and CHANMODES of RPL_ISUPPORT. */
export interface ModeSupport {
  /** Letters of the modes of members, such as `ov`, the highest rank first. */
  readonly memberModes: string;
  /** Characters before nicknames of members with these modes, such as `@+`, in the same order. */
  readonly prefixes: string;
  /** Letters of modes that change a list, such as `b`. Their parameter is an entry of the list. */
  readonly listModes: string;
  /** Letters of modes that always have a parameter, such as `k`. */
  readonly parameterModes: string;
  /** Letters of modes that have a parameter when they are set, such as `l`. */
  readonly setParameterModes: string;
}

/** Modes of a server that does not announce its modes (RFC 1459, section 4.2.3.1). */
export const DEFAULT_MODE_SUPPORT: ModeSupport = {
  memberModes: "ov",
  prefixes: "@+",
  listModes: "b",
  parameterModes: "k",
  setParameterModes: "l",
};

/**
 * Applies the value of PREFIX, such as `(ov)@+`. An empty value means that members have no modes. An invalid value
 * changes nothing.
 */
export function applyPrefix(before: ModeSupport, value: string): ModeSupport {
  if (value === "") return { ...before, memberModes: "", prefixes: "" };
  const [, memberModes = "", prefixes = ""] = /^\(([A-Za-z]{1,20})\)([!-/:-@[-`{-~]{1,20})$/.exec(value) ?? [];
  return memberModes === "" || memberModes.length !== prefixes.length ? before : { ...before, memberModes, prefixes };
}

/** Applies the value of CHANMODES: letters of four kinds of modes, separated by commas. */
export function applyChannelModes(before: ModeSupport, value: string): ModeSupport {
  const [listModes = "", parameterModes = "", setParameterModes = ""] = value.split(",", 3);
  return { ...before, listModes, parameterModes, setParameterModes };
}

/** A change of one mode of a channel. */
export interface ModeChange {
  readonly isSet: boolean;
  /** Letter of the mode. */
  readonly mode: string;
  /** Parameter of the mode; empty if it has none. */
  readonly parameter: string;
}

/**
 * Parses the parameters of MODE or RPL_CHANNELMODEIS.
 *
 * @param params - Letters with signs, followed by the parameters of these modes, such as `+ov-l`, `romeo`,
 * `juliet`.
 */
export function parseModeChanges(support: ModeSupport, params: readonly string[]): readonly ModeChange[] {
  const changes: ModeChange[] = [];
  let position = 0;
  while (position < params.length) {
    const letters = params[position++] ?? "";
    let isSet = true;
    for (const mode of letters) {
      if (mode === "+" || mode === "-") isSet = mode === "+";
      else
        changes.push({ isSet, mode, parameter: hasParameter(support, mode, isSet) ? (params[position++] ?? "") : "" });
    }
  }
  return changes;
}

function hasParameter(support: ModeSupport, mode: string, isSet: boolean): boolean {
  const { memberModes, listModes, parameterModes, setParameterModes } = support;
  return (memberModes + listModes + parameterModes + (isSet ? setParameterModes : "")).includes(mode);
}

/** A member of a channel in RPL_NAMREPLY. */
export interface NamedMember {
  readonly nick: string;
  /** Letters of the member's modes. Without multi-prefix, the server sends only the highest. */
  readonly modes: string;
}

/** Parses an entry of RPL_NAMREPLY: prefixes, the nickname, and the host if the server supports userhost-in-names. */
export function parseNamedMember({ memberModes, prefixes }: ModeSupport, entry: string): NamedMember {
  let start = 0;
  let modes = "";
  for (; start < entry.length; start++) {
    const rank = prefixes.indexOf(entry.charAt(start));
    if (rank < 0) break;
    modes += memberModes.charAt(rank);
  }
  const [nick = ""] = entry.slice(start).split("!", 1);
  return { nick, modes };
}
