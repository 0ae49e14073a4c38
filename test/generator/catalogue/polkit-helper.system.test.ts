import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authenticate } from "../../../generator/catalogue/polkit/index.ts";

/** A helper that asks the questions in its cookie, and accepts only the password "päss". */
const HELPER = `#!/bin/sh
read cookie
echo() { printf '%s\\n' "$*"; }
case "$cookie" in
  password)
    echo 'PAM_TEXT_INFO Hello\\n\\303\\274 "you\\\\"'
    echo 'PAM_PROMPT_ECHO_ON login: '; read name
    echo 'PAM_PROMPT_ECHO_OFF Password: '; read password
    [ "$1 $name $password" = "root root päss" ] && echo SUCCESS || { echo 'PAM_ERROR_MSG wrong'; echo FAILURE; } ;;
  unknown) echo HELLO; read line ;;
  silent) exec sleep 60 ;;
esac
`;

const ROOT = { kind: "unix-user", details: { uid: 0 } } as const;

let folder = "";
let program = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "helper-"));
  program = join(folder, "helper");
  await writeFile(program, HELPER, { mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true }));

describe("authenticate", () => {
  const greeting = ["info", 'Hello\nü "you\\"'];
  const questions = [
    ["login: ", true],
    ["Password: ", false],
  ];
  test.each([
    ["the right password", "password", "päss", true, [greeting, ...questions]],
    ["the part before a line break", "password", "päss\nmore", true, [greeting, ...questions]],
    ["a wrong password", "password", "no", false, [greeting, ...questions, ["error", "wrong"]]],
    ["a helper that ends", "end", "", false, []],
    ["a helper that sends an unknown line", "unknown", "", false, []],
  ])("with %s", async (_, cookie, password, expected, shown) => {
    const log: unknown[] = [];
    const answer = (question: string, isVisible: boolean) => {
      log.push([question, isVisible]);
      return isVisible ? "root" : password;
    };
    const show = (message: string, kind: string) => void log.push([kind, message]);
    expect(await authenticate(ROOT, cookie, { answer, show }, { program })).toBe(expected);
    expect(log).toEqual(shown);
  });

  const answer = () => Promise.reject(new Error("dismissed"));
  test.each([
    ["another kind of identity", { kind: "unix-group", details: { gid: 0 } }, "password", {}, "kind unix-user"],
    ["an unknown user", { kind: "unix-user", details: { uid: 4_000_000_000 } }, "password", {}, "no user has"],
    ["a helper that does not exist", ROOT, "password", { program: "/nonexistent" }, "ENOENT"],
    ["an answer that fails", ROOT, "password", {}, "dismissed"],
    ["an abort", ROOT, "silent", { signal: AbortSignal.timeout(50) }, "timeout"],
  ] as const)("rejects with %s", async (_, identity, cookie, options, message) => {
    await expect(authenticate(identity, cookie, { answer }, { program, ...options })).rejects.toThrow(message);
  });
});
