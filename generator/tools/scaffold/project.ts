import { CONFIG_FILES } from "../../cli/config/load.ts";
import { analyze } from "../../compiler/analyze.ts";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { generate } from "../../compiler/generate.ts";
import { decideNames } from "../../compiler/names/decide-names.ts";
import { stringLiteral } from "../../compiler/print/escape.ts";
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

/** Versions or paths of our packages in the package.json of a project. */
export interface Packages {
  readonly runtime: string;
  readonly generator: string;
}

/** Returns a project that generates modules from specs and contains no other code. */
export function plainProject({ runtime, generator }: Packages): Project {
  return {
    files: [configFile("generated"), { path: `specs/${EXAMPLE_INTERFACE}.xml`, text: exampleSpec(EXAMPLE_INTERFACE) }],
    manifest: {
      fields: { name: "dbus-interfaces", version: "0.1.0", private: true, type: "module" },
      scripts: { generate: GENERATE, check: `${GENERATE} --check` },
      dependencies: { "@dbus-codegen-ts/runtime": runtime },
      devDependencies: { "dbus-codegen-ts": generator },
    },
    ignored: ["node_modules/"],
  };
}

/**
 * Returns a project with a working service, a client and tests.
 *
 * @param specs - Specs that declare the interface, by their paths in the project.
 * @throws Error if the specs do not declare the interface or have errors. The caller must check both first.
 */
export async function serviceProject(
  names: ProjectNames,
  specs: readonly Source[],
  packages: Packages,
): Promise<Project> {
  const diagnostics = new Diagnostics();
  const { ir } = analyze(specs, diagnostics);
  const served = servedInterface(ir, decideNames(ir, diagnostics), names.interface);
  if (served === undefined) throw new Error(`the specs do not declare ${names.interface}`);
  const generated = await generate(specs);
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
      ...generated.files.map(({ path, text }): ProjectFile => ({ path: `src/${GENERATED}/${path}`, text })),
      ...systemFiles(names),
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
  const [path = "", ...or] = CONFIG_FILES;
  const text = `import { defineConfig } from "dbus-codegen-ts";

export default defineConfig({
  specs: ["specs"],
  out: ${stringLiteral(out)},
});
`;
  return { path, text, or };
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
