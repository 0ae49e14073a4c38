import { expect, test } from "vitest";
import { replay } from "./replay.ts";

/** An intended difference: pattern of recorded lines, and the lines expected instead. */
interface Decision {
  readonly reason: string;
  readonly theirs: RegExp;
  readonly ours: (line: string) => readonly string[];
}

const ERROR = "im.telepathy1.Error";
const STANDARD = "org.freedesktop.DBus.Error";
const RECORDED_INTERFACES =
  '"im.telepathy1.Connection.Interface.Requests","im.telepathy1.Connection.Interface.Contacts"';
const INTERFACES = `${RECORDED_INTERFACES},"im.telepathy1.Connection.Interface.Presence1","im.telepathy1.Connection.Interface.Aliasing1"`;
const PROPERTIES = {
  AuthenticationTypes: '{"<as>":[]}',
  ConnectionInterfaces: `{"<as>":[${INTERFACES}]}`,
  EnglishName: '{"<s>":"Loopback"}',
  Icon: '{"<s>":""}',
  Interfaces: '{"<as>":[]}',
  Parameters: '{"<a(susv)>":[["account",1,"s",{"<s>":""}]]}',
  RequestableChannelClasses:
    '{"<a(a{sv}as)>":[[{"im.telepathy1.Channel.ChannelType":{"<s>":"im.telepathy1.Channel.Type.Text"},"im.telepathy1.Channel.TargetHandleType":{"<u>":1}},["im.telepathy1.Channel.TargetHandle","im.telepathy1.Channel.TargetID"]]]}',
  VCardField: '{"<s>":""}',
};
const propertiesText = (prefix: string): string =>
  Object.entries(PROPERTIES)
    .map(([name, value]) => `"${prefix}${name}":${value}`)
    .join(",");

const DECISIONS: readonly Decision[] = [
  {
    reason: "loopback describes itself, not the echo protocol: no avatars, no addresses",
    theirs: /^return GetAll \[\{"(Interfaces".*"Protocols|AuthenticationTypes)"/,
    ours: (line) =>
      line.includes('"Protocols"')
        ? [
            `return GetAll [{"Interfaces":{"<as>":[]},"Protocols":{"<a{sa{sv}}>":{"example":{${propertiesText("im.telepathy1.Protocol.")}}}}}]`,
          ]
        : [`return GetAll [{${propertiesText("")}}]`],
  },
  {
    reason: "two methods of earlier versions of ConnectionManager are served",
    theirs: /^error (ListProtocols|GetParameters) .*UnknownMethod$/,
    ours: (line) => [
      line.includes("List")
        ? 'return ListProtocols [["example"]]'
        : 'return GetParameters [[["account",1,"s",{"<s>":""}]]]',
    ],
  },
  {
    reason: "the property Protocol is served, and loopback has presences and aliases",
    theirs: /^return GetAll \[\{"Interfaces":\{"<as>":\["im.telepathy1.Connection.Interface.Requests"/,
    ours: (line) => [
      line
        .replace('"SelfHandle"', '"Protocol":{"<s>":"example"},"SelfHandle"')
        .replace(RECORDED_INTERFACES, INTERFACES),
    ],
  },
  {
    reason: "presences and aliases are attributes of contacts",
    theirs: /^return GetAll \[\{"ContactAttributeInterfaces"/,
    ours: () => [
      'return GetAll [{"ContactAttributeInterfaces":{"<as>":["im.telepathy1.Connection","im.telepathy1.Connection.Interface.Presence1","im.telepathy1.Connection.Interface.Aliasing1"]}}]',
    ],
  },
  {
    reason: "the standard interfaces reply with the standard errors",
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
    reason: "the user's handle is announced before connected, as other connection managers do",
    theirs: /^signal StatusChanged \[0,1\]$/,
    ours: (line) => ["signal SelfHandleChanged [1]", line],
  },
  {
    reason: "the specification has InvalidArgument for an unsupported handle type",
    theirs: /^error InspectHandles .*NotImplemented$/,
    ours: () => [`error InspectHandles ${ERROR}.InvalidArgument`],
  },
];

/** A recorded call with an unknown protocol. The recorded manager does not have the method. */
const UNKNOWN_PROTOCOL = 'call GetParameters ["nosuchproto"]';

function applyDecisions(lines: readonly string[], used: Set<string>): readonly string[] {
  return lines.flatMap((line, index) => {
    if (lines[index - 1] === UNKNOWN_PROTOCOL) return [`error GetParameters ${ERROR}.NotImplemented`];
    const decision = DECISIONS.find(({ theirs }) => theirs.test(line));
    if (decision !== undefined) used.add(decision.reason);
    return decision?.ours(line) ?? [line];
  });
}

test("replies, errors and signals are those of the recorded echo manager, in the same order", async () => {
  const { theirs, ours } = await replay("im.telepathy1-example_echo_2.jsonl");
  const used = new Set<string>();
  for (const [step, lines] of theirs) expect(ours.get(step), step).toEqual(applyDecisions(lines, used));
  expect([...used].sort()).toEqual(DECISIONS.map(({ reason }) => reason).sort());
  expect(theirs.size).toBeGreaterThan(15);
});
