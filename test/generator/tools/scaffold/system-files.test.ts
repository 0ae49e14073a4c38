import { runProgram } from "@dbus-codegen-ts/runtime/program";
import { expect, test } from "vitest";
import { projectNames } from "../../../../generator/tools/scaffold/project-names.ts";
import { systemFiles } from "../../../../generator/tools/scaffold/system-files.ts";

const names = projectNames("org.example.Jukebox1");
if (typeof names === "string") throw new Error(names);

test.each(
  systemFiles(names).flatMap(({ path, text }) =>
    [...String(text).matchAll(/^Exec(?:Start)?=\S+ (.*)$/gm)].map(([, args = ""]) => [path, args] as const),
  ),
)("the program accepts the arguments in %s: %s", async (_, args) => {
  let usedBus: string | undefined;
  const errors: string[] = [];
  const program = {
    name: "jukebox1",
    about: "",
    notes: "",
    flags: {},
    async serve(_flags: unknown, { bus }: { readonly bus: string }): Promise<void> {
      usedBus = bus;
    },
  };
  const shell = { print: () => undefined, printError: (text: string) => errors.push(text), stopped: Promise.resolve() };
  expect(await runProgram(program, args.split(" "), shell)).toBe(0);
  expect([usedBus, errors]).toEqual(["system", []]);
  expect(await runProgram(program, ["system"], shell)).toBe(2);
});
