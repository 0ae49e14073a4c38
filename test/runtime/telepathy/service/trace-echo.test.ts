import { beforeAll, describe, expect, test } from "vitest";
import { hasTraces, TRACES_NOTE } from "../traces.ts";
import { replay, type Steps } from "./replay.ts";

/** A line that ours says differently, and on purpose. */
interface Decision {
  readonly why: string;
  readonly theirs: RegExp;
  readonly ours: (line: string) => readonly string[];
}

const ERROR = "im.telepathy1.Error";
const STANDARD = "org.freedesktop.DBus.Error";
const PROPERTIES = {
  AuthenticationTypes: '{"<as>":[]}',
  ConnectionInterfaces: '{"<as>":["im.telepathy1.Connection.Interface.Contacts"]}',
  EnglishName: '{"<s>":"Loopback"}',
  Icon: '{"<s>":""}',
  Interfaces: '{"<as>":[]}',
  Parameters: '{"<a(susv)>":[["account",1,"s",{"<s>":""}]]}',
  RequestableChannelClasses: '{"<a(a{sv}as)>":[]}',
  VCardField: '{"<s>":""}',
};
const propertiesText = (prefix: string): string =>
  Object.entries(PROPERTIES)
    .map(([name, value]) => `"${prefix}${name}":${value}`)
    .join(",");

const DECISIONS: readonly Decision[] = [
  {
    why: "loopback describes itself, not the echo protocol: no avatars, no addresses, no channels",
    theirs: /^return GetAll \[\{"(Interfaces".*"Protocols|AuthenticationTypes)"/,
    ours: (line) =>
      line.includes('"Protocols"')
        ? [
            `return GetAll [{"Interfaces":{"<as>":[]},"Protocols":{"<a{sa{sv}}>":{"example":{${propertiesText("im.telepathy1.Protocol.")}}}}}]`,
          ]
        : [`return GetAll [{${propertiesText("")}}]`],
  },
  {
    why: "two methods for programs that know earlier versions of ConnectionManager",
    theirs: /^error (ListProtocols|GetParameters) .*UnknownMethod$/,
    ours: (line) => [
      line.includes("List")
        ? 'return ListProtocols [["example"]]'
        : 'return GetParameters [[["account",1,"s",{"<s>":""}]]]',
    ],
  },
  {
    why: "the property Protocol is served; Requests is not an interface of loopback",
    theirs: /^return GetAll \[\{"Interfaces":\{"<as>":\["im.telepathy1.Connection.Interface.Requests"/,
    ours: (line) => [
      line
        .replace('"im.telepathy1.Connection.Interface.Requests",', "")
        .replace('"SelfHandle"', '"Protocol":{"<s>":"example"},"SelfHandle"'),
    ],
  },
  {
    why: "errors of the standard interfaces are the standard ones",
    theirs: /^error (Get|Set) |^return GetAll \[\{\}\]$/,
    ours: (line) => {
      if (line.startsWith("return")) return [`error GetAll ${STANDARD}.UnknownInterface`];
      return [
        line.startsWith("error Get")
          ? `error Get ${STANDARD}.UnknownProperty`
          : `error Set ${STANDARD}.PropertyReadOnly`,
      ];
    },
  },
  {
    why: "the user's handle is announced before connected, as other connection managers do",
    theirs: /^signal StatusChanged \[0,1\]$/,
    ours: (line) => ["signal SelfHandleChanged [1]", line],
  },
  {
    why: "the spec has InvalidArgument for handles of a type that is none",
    theirs: /^error InspectHandles .*NotImplemented$/,
    ours: () => [`error InspectHandles ${ERROR}.InvalidArgument`],
  },
  {
    why: "GetContactByID came with a later version of Contacts",
    theirs: /^(return|error) GetContactByID /,
    ours: () => [`error GetContactByID ${STANDARD}.UnknownMethod`],
  },
];

/** The one request of the trace that names a protocol which is not there, by a method that theirs does not have. */
const UNKNOWN_PROTOCOL = 'call GetParameters ["nosuchproto"]';

function decided(lines: readonly string[], used: Set<string>): readonly string[] {
  return lines.flatMap((line, index) => {
    if (lines[index - 1] === UNKNOWN_PROTOCOL) return [`error GetParameters ${ERROR}.NotImplemented`];
    const decision = DECISIONS.find(({ theirs }) => theirs.test(line));
    if (decision !== undefined) used.add(decision.why);
    return decision?.ours(line) ?? [line];
  });
}

describe.skipIf(!hasTraces)(`the recorded echo manager${TRACES_NOTE}`, () => {
  let theirs: Steps;
  let ours: Steps;
  beforeAll(async () => {
    ({ theirs, ours } = await replay("im.telepathy1-example_echo_2.jsonl"));
  });

  test("every step: the same calls have the same answers, errors and signals in the same order", () => {
    const used = new Set<string>();
    for (const [step, lines] of theirs) expect(ours.get(step), step).toEqual(decided(lines, used));
    expect([...used].sort()).toEqual(DECISIONS.map(({ why }) => why).sort());
    expect(theirs.size).toBeGreaterThan(15);
  });
});
