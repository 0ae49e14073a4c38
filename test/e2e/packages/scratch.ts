import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./shell.ts";
import type { Tarball } from "./tarballs.ts";
import { type TypeScript, tsc } from "./tools.ts";

/** The two common module resolutions. */
const RESOLUTIONS = [
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
] as const;

/** An empty project outside the repository, with some packages installed. */
export class Scratch {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.write("package.json", '{ "type": "module", "private": true }');
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  /** Installs tarballs, and their dependencies from the registry. */
  async install(tarballs: readonly Tarball[], ...others: readonly string[]): Promise<void> {
    const files = tarballs.map(({ file }) => file);
    await run(this.folder, "npm", "install", "--omit=optional", "--no-audit", "--no-fund", ...files, ...others);
  }

  /** Returns the names of the installed packages of other projects. */
  installed(): readonly string[] {
    const modules = join(this.folder, "node_modules");
    return readdirSync(modules)
      .flatMap((name) =>
        name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : name,
      )
      .filter((name) => !name.startsWith(".") && !/^(@dbus-codegen-ts\/|dbus-codegen-ts$)/.test(name));
  }

  /** Compiles a program with several compilers and both module resolutions. The JavaScript output remains. */
  async compile(name: string, versions: readonly TypeScript[]): Promise<void> {
    for (const version of versions) await this.compileWith(tsc(version), [name]);
  }

  /** Compiles programs with the compiler at a path and both module resolutions. The JavaScript output remains. */
  async compileWith(compiler: string, names: readonly string[]): Promise<void> {
    for (const modules of RESOLUTIONS) await this.#compile(names, compiler, modules);
  }

  async #compile(
    names: readonly string[],
    compiler: string,
    [module, moduleResolution]: (typeof RESOLUTIONS)[number],
  ): Promise<void> {
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2022",
      lib: ["es2023", "esnext.disposable"],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      isolatedModules: true,
    };
    this.write("tsconfig.json", JSON.stringify({ compilerOptions, files: names }));
    await run(this.folder, process.execPath, compiler, "-p", ".");
  }
}
