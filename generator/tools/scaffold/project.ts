import { CONFIG_FILES } from "../../cli/config/load.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { emit } from "../../compiler/emit/emit.ts";
import { printModules } from "../../compiler/generate.ts";
import type { Names } from "../../compiler/names/identifiers.ts";
import { stringLiteral } from "../../compiler/print/escape.ts";
import type { Ir } from "../../compiler/resolve/ir.ts";
import { EXAMPLE_INTERFACE, exampleSpec } from "./example-spec.ts";
import { jsonFile } from "./manifest.ts";
import { addressModule, clientModule, mainModule, testModule } from "./programs.ts";
import type { ProjectNames } from "./project-names.ts";
import type { Project, ProjectFile } from "./project-plan.ts";
import { readme } from "./readme.ts";
import { GENERATED, servedInterface } from "./served-interface.ts";
import { serviceClass } from "./service-class.ts";
import { systemFiles } from "./system-files.ts";
import { NODE, TOOLS } from "./versions.ts";

const GENERATE = "dbus-codegen generate";

/**
 * The packages of this project as the package.json of a new project names them: version ranges, or tarballs in the new
 * project.
 */
export interface Packages {
  readonly runtime: string;
  readonly generator: string;
  /** The tarballs; empty if the packages are in a registry. */
  readonly tarballs: readonly ProjectFile[];
}

/** Returns a project that generates modules from specs and contains no other code. */
export function plainProject({ runtime, generator, tarballs }: Packages): Project {
  return {
    files: [
      configFile("generated"),
      { path: `specs/${EXAMPLE_INTERFACE}.xml`, text: exampleSpec(EXAMPLE_INTERFACE) },
      ...tarballs,
    ],
    manifest: {
      fields: { name: "dbus-interfaces", version: "0.1.0", private: true, type: "module" },
      scripts: { generate: GENERATE, check: `${GENERATE} --check` },
      dependencies: { "@dbus-codegen-ts/runtime": runtime },
      devDependencies: { "dbus-codegen-ts": generator },
    },
    ignored: ["node_modules/"],
  };
}

/** The specs from which a service project is written. */
export interface ServiceSpecs {
  /** Specs that declare the interface, by their paths in the project. */
  readonly specs: readonly Source[];
  /** The specs, resolved without errors. */
  readonly ir: Ir;
  readonly identifiers: Names;
}

/**
 * Returns a project with a working service, a client and tests.
 *
 * @throws Error if the specs do not declare the interface. The caller must check it first.
 */
export async function serviceProject(
  names: ProjectNames,
  { specs, ir, identifiers }: ServiceSpecs,
  packages: Packages,
): Promise<Project> {
  const served = servedInterface(ir, identifiers, names.interface);
  if (served === undefined) throw new Error(`the specs do not declare ${names.interface}`);
  const modules = await printModules(emit(ir, identifiers));
  return {
    files: [
      { path: "README.md", text: readme(names, served.className) },
      { path: "tsconfig.json", text: jsonFile(TSCONFIG) },
      configFile(`src/${GENERATED}`),
      ...specs.map(({ path, content }): ProjectFile => ({ path, text: content })),
      { path: "src/address.ts", text: addressModule(names) },
      { path: "src/service.ts", text: serviceClass(served) },
      { path: "src/service.test.ts", text: testModule(served) },
      { path: "src/main.ts", text: mainModule(served, names) },
      { path: "src/client.ts", text: clientModule(served) },
      ...modules.map(({ path, text }): ProjectFile => ({ path: `src/${GENERATED}/${path}`, text })),
      ...systemFiles(names),
      ...packages.tarballs,
    ],
    manifest: {
      fields: {
        name: names.program,
        version: "0.1.0",
        private: true,
        type: "module",
        engines: { node: NODE },
        bin: { [names.program]: "dist/main.js" },
        files: ["dist", "!dist/*.test.*", "system"],
        // A tarball is not found from the folder in which the packed service is installed.
        ...(packages.tarballs.length > 0 && { bundleDependencies: ["@dbus-codegen-ts/runtime"] }),
      },
      scripts: {
        generate: GENERATE,
        check: `${GENERATE} --check && tsc --noEmit`,
        build: "tsc",
        start: "npm run build && node dist/main.js",
        client: "npm run build && node dist/client.js",
        test: "vitest run --dir src",
      },
      dependencies: { "@dbus-codegen-ts/runtime": packages.runtime },
      devDependencies: { "dbus-codegen-ts": packages.generator, ...TOOLS },
    },
    ignored: ["node_modules/", "dist/"],
  };
}

function configFile(out: string): ProjectFile {
  const [path = "", ...alternatives] = CONFIG_FILES;
  const text = `import { defineConfig } from "dbus-codegen-ts";

export default defineConfig({
  specs: ["specs"],
  out: ${stringLiteral(out)},
});
`;
  return { path, text, alternatives };
}

const TSCONFIG = {
  compilerOptions: {
    target: "ES2022",
    module: "NodeNext",
    lib: ["ES2023", "ESNext.Disposable"],
    types: ["node"],
    rootDir: "src",
    outDir: "dist",
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
  },
  include: ["src"],
};
