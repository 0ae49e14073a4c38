import { markdownCode } from "./escape.ts";
import type { ProjectNames } from "./project-names.ts";

/** The README of a service project: how it is worked on, and where it is installed. */
export function readme({ interface: name, bus, path, program }: ProjectNames, className: string): string {
  return `# ${program}

Serves ${markdownCode(name)} on D-Bus, at ${markdownCode(path)} of the bus name ${markdownCode(bus)}.

\`\`\`sh
npm install
npm test            # on a bus of its own; needs dbus-daemon
npm start           # on the session bus; "npm start -- --bus system" on another
npm run client      # calls it
npm run generate    # after a change of specs/
npm run check       # types, and whether the generated modules are those of specs/
\`\`\`

| | |
| --- | --- |
| \`dbus-codegen.config.ts\` | what is generated from what; what lint is to say |
| \`specs/\` | what the service offers; the source of everything generated |
| \`src/generated/\` | contract, client and service skeleton; written by \`npm run generate\` |
| \`src/service.ts\` | ${markdownCode(className)}: what the service does. It answers with empty values until you change it |
| \`src/service.test.ts\` | its tests |
| \`src/main.ts\` | the program: connects, serves, owns the bus name; \`npm start -- --help\` lists its flags |
| \`src/client.ts\` | how another program uses it |
| \`system/\` | what a machine needs to run it; see below |

## On the system bus

As root, on a machine with systemd. Without the policy file nobody may own the name; with the activation file the bus starts the service when it is called.

\`\`\`sh
npm run build && npm pack
npm install --global --prefix /usr ./${program}-0.1.0.tgz
install -m 644 system/${program}.sysusers /usr/lib/sysusers.d/${program}.conf && systemd-sysusers
install -m 644 system/${bus}.conf /usr/share/dbus-1/system.d/
install -m 644 system/${bus}.service /usr/share/dbus-1/system-services/
install -m 644 system/${program}.service /usr/lib/systemd/system/
systemctl daemon-reload && systemctl reload dbus
busctl introspect ${bus} ${path}
\`\`\`
`;
}
