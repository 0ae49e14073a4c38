import { markdownCode } from "../../compiler/text/escape.ts";
import type { ProjectNames } from "./project-names.ts";

/** Returns the README of a service project: its commands, its files and its installation. */
export function readme({ interface: name, bus, path, program }: ProjectNames, className: string): string {
  return `# ${program}

Serves ${markdownCode(name)} on D-Bus, at ${markdownCode(path)} of the bus name ${markdownCode(bus)}.

\`\`\`sh
npm install
npm test            # runs the tests on a private bus; requires dbus-daemon
npm start           # runs the service on the session bus; "npm start -- --bus system": on the system bus
npm run client      # calls the running service
npm run generate    # updates src/generated/ after a change of specs/
npm run check       # checks types, and that src/generated/ matches specs/
\`\`\`

| | |
| --- | --- |
| \`dbus-codegen.config.ts\` | configuration of the generator and of lint |
| \`specs/\` | interfaces of the service; the source of all generated modules |
| \`src/generated/\` | contract, client and base class of the service; written by \`npm run generate\` |
| \`src/service.ts\` | ${markdownCode(className)}: the implementation. Its methods return empty values until you change them |
| \`src/service.test.ts\` | tests of the service |
| \`src/main.ts\` | the program: connects, serves, owns the bus name; \`npm start -- --help\` lists its flags |
| \`src/client.ts\` | an example of a program that uses the service |
| \`system/\` | files that install the service on a machine; see below |

## On the system bus

Run these commands as root on a machine with systemd. The policy file allows the service to own its bus name. The activation file makes the bus start the service when it is called.

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
