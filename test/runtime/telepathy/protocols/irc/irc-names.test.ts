import { Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionStatusReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { InvalidArgumentError, InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { irc, validateParameters } from "@dbus-codegen-ts/telepathy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Casemapping,
  foldCase,
  parseCasemapping,
} from "../../../../../runtime/telepathy/protocols/irc/casemapping.ts";
import { NUMERIC, parseIrcMessage } from "../../../../../runtime/telepathy/protocols/irc/irc-message.ts";
import {
  problemFromErrorMessage,
  problemFromReply,
} from "../../../../../runtime/telepathy/protocols/irc/irc-problem.ts";
import {
  applyIsupport,
  DEFAULT_SUPPORT,
  type ServerSupport,
} from "../../../../../runtime/telepathy/protocols/irc/isupport.ts";
import { isChannel, isNick } from "../../../../../runtime/telepathy/protocols/irc/name-syntax.ts";
import { problemFromSocketError } from "../../../../../runtime/telepathy/protocols/irc/socket-errors.ts";
import { anyText } from "../../../../setup/any-text.ts";
import { SILENT_HOST } from "../../silent-host.ts";

describe("foldCase", () => {
  test.each<[Casemapping, string, string]>([
    ["ascii", "AZaz[]\\~{}|^09-_`Ä", "azaz[]\\~{}|^09-_`Ä"],
    ["strict-rfc1459", "AZaz[]\\~{}|^09-_`Ä", "azaz{}|~{}|^09-_`Ä"],
    ["rfc1459", "AZaz[]\\~{}|^09-_`Ä", "azaz{}|^{}|^09-_`Ä"],
    ["unicode", "AZ[]ÄE\u0301Ω\uff21", "az[]ä\u00e9ωa"],
  ])("%s: %s is %s", (mapping, name, folded) => {
    expect(foldCase(mapping, name)).toBe(folded);
  });

  test("is idempotent", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Casemapping[]>("ascii", "rfc1459", "strict-rfc1459", "unicode"),
        anyText(),
        (mapping, name) => {
          expect(foldCase(mapping, foldCase(mapping, name))).toBe(foldCase(mapping, name));
        },
      ),
    );
  });

  test("makes no valid name invalid, so that no character of a name becomes a separator", () => {
    const invalid: string[] = [];
    for (let code = 0x80; code < 0x10000; code++) {
      const character = String.fromCharCode(code);
      for (const name of [`a${character}b`, `${character}b`]) {
        const [nick, channel] = [name, `#${name}`].map((text) => foldCase("unicode", text));
        if (isNick(name) && !isNick(nick ?? "")) invalid.push(name);
        if (isChannel(`#${name}`, "#") && !isChannel(channel ?? "", "#")) invalid.push(`#${name}`);
      }
    }
    expect(invalid).toEqual([]);
    expect(["a\uff0cb", "\uff11\uff11", "a\uff0d"].map((name) => foldCase("unicode", name))).toEqual([
      "a\uff0cb",
      "\uff111",
      "a-",
    ]);
  });

  test.each([
    ["ascii", "ascii"],
    ["rfc1459", "rfc1459"],
    ["strict-rfc1459", "strict-rfc1459"],
    ["rfc7613", "unicode"],
    ["rfc8265", "unicode"],
    ["rfc9999", "ascii"],
    ["", "ascii"],
  ])("CASEMAPPING=%j is parsed as %s", (value, mapping) => {
    expect(parseCasemapping(value)).toBe(mapping);
  });
});

test.each<[params: string, support: Partial<ServerSupport>]>([
  ["me :text", {}],
  ["me CASEMAPPING=ascii NICKLEN=9 :text", { casemapping: "ascii" }],
  ["me RFC2812 CHANTYPES=# :text", { channelTypes: "#" }],
  ["me CHANTYPES :text", { channelTypes: "" }],
  ["me CHANTYPES=# -CHANTYPES :text", {}],
  ["me MONITOR=100 AWAYLEN=127 :text", { monitorLimit: 100, awayLength: 127 }],
  ["me MONITOR AWAYLEN :text", { monitorLimit: Infinity }],
  ["me MONITOR=-1 AWAYLEN=many :text", { monitorLimit: Infinity }],
  ["me MONITOR=1 AWAYLEN=2 -MONITOR -AWAYLEN :text", {}],
  ["me UTF8MAPPING=rfc8265 CASEMAPPING=ascii :text", { casemapping: "unicode" }],
  ["me UTF8MAPPING=unknown CASEMAPPING=ascii :text", { casemapping: "ascii" }],
  ["me __proto__=x constructor=y :text", {}],
  ["CASEMAPPING=ascii :text", {}],
])("RPL_ISUPPORT %s", (params, support) => {
  const message = parseIrcMessage(`005 ${params}`);
  expect(applyIsupport(DEFAULT_SUPPORT, message?.params ?? [])).toEqual({ ...DEFAULT_SUPPORT, ...support });
});

test.each([
  ["bob", true],
  ["[Bob]", true],
  ["a-1_`^{|}\\", true],
  ["_", true],
  ["größe", true],
  ["1bob", false],
  ["-bob", false],
  ["#bob", false],
  ["@bob", false],
  ["bob!b@h", false],
  ["irc.example.org", false],
  ["a b", false],
  ["a,b", false],
  ["a\u0000", false],
  ["\ud800", false],
  ["", false],
  ["x".repeat(201), false],
])("%j is a nickname: %s", (text, is) => {
  expect(isNick(text)).toBe(is);
});

test.each([
  ["#room", "#&", true],
  ["&room", "#&", true],
  ["+room", "#&", false],
  ["+room", "#&+", true],
  ["##", "#", true],
  ["#größe", "#", true],
  ["#", "#", false],
  ["room", "#", false],
  ["#a b", "#", false],
  ["#a,b", "#", false],
  ["#a\u0007", "#", false],
  [":a", ":#", false],
  ["", "#", false],
  ["#a", "", false],
  [`#${"x".repeat(200)}`, "#", false],
])("%j is a channel with CHANTYPES=%j: %s", (text, types, is) => {
  expect(isChannel(text, types)).toBe(is);
});

const values = (given: Readonly<Record<string, Variant>>) =>
  validateParameters(irc.parameters, new Map(Object.entries(given)));
const account = { account: new Variant("s", "Bob"), server: new Variant("s", "IRC.example.org") };
test("an account is identified by nickname, server and port", () => {
  expect(irc.identifyAccount(values(account))).toBe("bob@irc.example.org:6667");
  const secure = { ...account, "use-ssl": new Variant("b", true) };
  expect(irc.identifyAccount(values(secure))).toBe("bob@irc.example.org:6697");
  expect(irc.normalizeContact("Bob[1]")).toBe("bob[1]");
  expect(() => irc.normalizeContact("#bob")).toThrow(InvalidHandleError);
});

test.each([
  ["account", ""],
  ["account", "a b"],
  ["account", "x\r\nQUIT"],
  ["server", ""],
  ["server", "a b"],
  ["password", "x\nQUIT"],
  ["fullname", "x\r\nQUIT"],
  ["username", "two words"],
  ["ident", "x\u0000"],
  ["quit-message", "x\rQUIT"],
])("parameter %s rejects %j", (name, value) => {
  const parameters = values({ ...account, [name]: new Variant("s", value) });
  expect(() => irc.open(parameters, SILENT_HOST)).toThrow(InvalidArgumentError);
});

describe("problems", () => {
  test.each([
    [NUMERIC.ERR_NICKNAMEINUSE, Reason.NameInUse, "AlreadyConnected"],
    [NUMERIC.ERR_NICKCOLLISION, Reason.NameInUse, "AlreadyConnected"],
    [NUMERIC.ERR_PASSWDMISMATCH, Reason.AuthenticationFailed, "AuthenticationFailed"],
    [NUMERIC.ERR_ERRONEOUSNICKNAME, Reason.AuthenticationFailed, "AuthenticationFailed"],
    [NUMERIC.ERR_YOUREBANNEDCREEP, Reason.AuthenticationFailed, "PermissionDenied"],
  ])("%s", (command, reason, error) => {
    const failure = { name: `im.telepathy1.Error.${error}`, details: { serverMessage: "why" } };
    expect(problemFromReply(command, "why")).toEqual({ reason, failure });
  });

  test("other replies are not problems", () => {
    expect(problemFromReply("401", "")).toBeUndefined();
  });

  test.each([
    ["Closing Link: Tester[h] (Ping timeout)", true, Reason.NetworkError, "ConnectionLost"],
    ["Closing Link: h (Connection timed out)", false, Reason.NetworkError, "ConnectionFailed"],
    ["Access denied: Bad password?", false, Reason.AuthenticationFailed, "AuthenticationFailed"],
    ["Closing Link: h (Invalid Password)", false, Reason.AuthenticationFailed, "AuthenticationFailed"],
    ["Closing Link: bad!password (gone)", true, Reason.NetworkError, "ConnectionLost"],
    ["Closing Link: h (K-Lined)", true, Reason.AuthenticationFailed, "PermissionDenied"],
    ['Access denied: "go away" (G-Line)', false, Reason.AuthenticationFailed, "PermissionDenied"],
    ["Closing Link: h (Killed (services (Nick collision)))", true, Reason.NameInUse, "ConnectionReplaced"],
    ["Closing Link: h (Nickname collision)", false, Reason.NameInUse, "AlreadyConnected"],
    ["Closing Link: h (Killed (NickServ (GHOST command used by Bob)))", true, Reason.NameInUse, "ConnectionReplaced"],
    ["Closing Link: ghost[h] (Ping timeout)", true, Reason.NetworkError, "ConnectionLost"],
    ["You are banned from this server", false, Reason.AuthenticationFailed, "PermissionDenied"],
  ])("ERROR :%s", (text, wasConnected, reason, error) => {
    const failure = { name: `im.telepathy1.Error.${error}`, details: { serverMessage: text } };
    expect(problemFromErrorMessage(text, wasConnected)).toEqual({ reason, failure });
  });

  test.each([
    ["ECONNREFUSED", false, Reason.NetworkError, "ConnectionRefused"],
    ["ENOTFOUND", false, Reason.NetworkError, "ConnectionFailed"],
    ["ECONNRESET", true, Reason.NetworkError, "ConnectionLost"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", false, Reason.CertSelfSigned, "Cert.SelfSigned"],
    ["SELF_SIGNED_CERT_IN_CHAIN", false, Reason.CertUntrusted, "Cert.Untrusted"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", false, Reason.CertUntrusted, "Cert.Untrusted"],
    ["CERT_HAS_EXPIRED", false, Reason.CertExpired, "Cert.Expired"],
    ["CERT_NOT_YET_VALID", false, Reason.CertNotActivated, "Cert.NotActivated"],
    ["CERT_REVOKED", false, Reason.CertRevoked, "Cert.Revoked"],
    ["CERT_CHAIN_TOO_LONG", false, Reason.CertLimitExceeded, "Cert.LimitExceeded"],
    ["INVALID_PURPOSE", false, Reason.CertOtherError, "Cert.Invalid"],
    ["UNSPECIFIED", false, Reason.CertOtherError, "Cert.Invalid"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", false, Reason.EncryptionError, "EncryptionNotAvailable"],
    ["ERR_SSL_UNSUPPORTED_PROTOCOL", false, Reason.EncryptionError, "EncryptionError"],
    ["EPROTO", false, Reason.EncryptionError, "EncryptionError"],
  ])("%s", (code, wasConnected, reason, error) => {
    const socketError = Object.assign(new Error("why"), { code });
    const failure = { name: `im.telepathy1.Error.${error}`, details: { debugMessage: "why" } };
    expect(problemFromSocketError({ error: socketError, server: "irc.example.org", wasConnected })).toEqual({
      reason,
      failure,
    });
  });

  test.each([
    [{ subjectaltname: "DNS:a.example, DNS:b.example", subject: { CN: "c.example" } }, "a.example"],
    [{ subjectaltname: "IP Address:10.0.0.1" }, "10.0.0.1"],
    [{ subject: { CN: "c.example\u0007" } }, "c.example"],
    [{}, undefined],
    [undefined, undefined],
  ])("the host of certificate %j is %s", (cert, certificateHostname) => {
    const error = Object.assign(new Error("why"), { code: "ERR_TLS_CERT_ALTNAME_INVALID", cert });
    const { details } = problemFromSocketError({ error, server: "irc.example.org", wasConnected: false }).failure;
    expect(details?.expectedHostname).toBe("irc.example.org");
    expect(details?.certificateHostname).toBe(certificateHostname);
  });

  test("a weak certificate is CertInsecure", () => {
    const error = Object.assign(new Error("EE certificate key too weak"), { code: "UNSPECIFIED" });
    expect(problemFromSocketError({ error, server: "", wasConnected: false }).reason).toBe(Reason.CertInsecure);
  });
});
