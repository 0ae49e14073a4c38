// A plugin of esbuild for bundles that contain the modules of dbus-next.
import { readFileSync } from "node:fs";

/** The modules of dbus-next that the runtime loads. */
const HANDSHAKE = /dbus-next\/lib\/(handshake|readline)\.js$/;
/**
 * Replacements of parts that the runtime does not use: authentication by cookies, default and unknown methods, conditions
 * that always hold, exceptions of callbacks, and a message that no error shows.
 */
const UNUSED_PARTS = [
  [
    /switch \(authMethod\) \{[\s\S]*?\n {2}\}/,
    "stream.write('AUTH ' + authMethod + ' ' + (authMethod === 'EXTERNAL' ? id : '') + '\\r\\n');\n  beginOrNextAuth();",
  ],
  [/let authMethods;[\s\S]*?(?=stream\.write)/, "const { authMethods } = opts;"],
  [/if \(!methods\.empty\) \{\s*(tryAuth\(.*\);)\s*\} else \{[\s\S]*?\}/, "$1"],
  [/No authentication methods left to try/, "rejected"],
  [/try \{\s*(cb\(.*\);)\s*\} catch[\s\S]*?\}/, "$1"],
];
/** Modules that are then unused, or of which only the default methods are used, which the runtime does not use. */
const UNUSED = /^(crypto|fs|path|\.\/constants)$/;

/**
 * Converts the modules of dbus-next to ECMAScript modules, so that bundlers neither keep their unused parts nor need a
 * function `require`. The package is pinned, so the texts are known.
 */
export function convertHandshake({ onLoad, onResolve }) {
  onLoad({ filter: HANDSHAKE }, ({ path }) => {
    const source = readFileSync(path, "utf8");
    const used = UNUSED_PARTS.reduce((text, [part, replacement]) => text.replace(part, replacement), source);
    const contents = used
      .replaceAll(/^const (.+) = require\(('.+')\)(\.Buffer)?;$/gm, (_, name, module, member) =>
        // The other modules use the global Buffer, too.
        member === undefined ? `import ${name} from ${module};` : "",
      )
      .replace("module.exports =", "export default");
    if (/require\(|module\.exports|COOKIE|constants\.|console/.test(contents)) throw new Error(`${path} has changed`);
    return { contents };
  });
  onResolve({ filter: UNUSED }, ({ path, importer }) =>
    HANDSHAKE.test(importer) ? { path, namespace: "unused" } : undefined,
  );
  onLoad({ filter: /./, namespace: "unused" }, () => ({ contents: "export default {};" }));
}
