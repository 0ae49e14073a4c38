import { expect, test } from "vitest";
import { applyIsupport, DEFAULT_SUPPORT } from "../../../../../../runtime/telepathy/protocols/irc/isupport.ts";
import {
  DEFAULT_MODE_SUPPORT,
  parseModeChanges,
  parseNamedMember,
} from "../../../../../../runtime/telepathy/protocols/irc/rooms/mode-support.ts";

const DEFAULT = DEFAULT_MODE_SUPPORT;

test.each([
  ["PREFIX=(qaohv)~&@%+", { ...DEFAULT, memberModes: "qaohv", prefixes: "~&@%+" }],
  ["PREFIX=", { ...DEFAULT, memberModes: "", prefixes: "" }],
  ["PREFIX=(ov)@", DEFAULT],
  ["PREFIX=(ov)ab", DEFAULT],
  ["PREFIX=@+", DEFAULT],
  ["CHANMODES=beI,k,l,imnt", { ...DEFAULT, listModes: "beI", parameterModes: "k", setParameterModes: "l" }],
  ["CHANMODES=,,jl", { ...DEFAULT, listModes: "", parameterModes: "", setParameterModes: "jl" }],
  ["CHANMODES", { ...DEFAULT, listModes: "", parameterModes: "", setParameterModes: "" }],
])("RPL_ISUPPORT with %s", (token, modes) => {
  expect(applyIsupport(DEFAULT_SUPPORT, ["me", token, "are supported"]).modes).toEqual(modes);
});

test.each([
  ["+o ann", "+o ann"],
  ["o ann", "+o ann"],
  ["+ov-v+l ann bob cat 5", "+o ann, +v bob, -v cat, +l 5"],
  ["-l+i", "-l, +i"],
  ["-k key", "-k key"],
  ["+b", "+b"],
  ["+o ann -o bob", "+o ann, -o bob"],
  ["+ooo ann", "+o ann, +o, +o"],
  ["+-", ""],
])("modes %j are the changes %j", (params, changes) => {
  const parsed = parseModeChanges(DEFAULT, params.split(" "));
  const texts = parsed.map(({ isSet, mode, parameter }) => `${isSet ? "+" : "-"}${mode} ${parameter}`.trim());
  expect(texts.join(", ")).toBe(changes);
});

test.each([
  ["ann", { nick: "ann", modes: "" }],
  ["@ann", { nick: "ann", modes: "o" }],
  ["@+ann", { nick: "ann", modes: "ov" }],
  ["+ann!user@host", { nick: "ann", modes: "v" }],
  ["@", { nick: "", modes: "o" }],
  ["%ann", { nick: "%ann", modes: "" }],
])("member %j", (entry, member) => {
  expect(parseNamedMember(DEFAULT, entry)).toEqual(member);
});
