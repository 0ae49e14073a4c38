import { escapeXml } from "../introspect/spec-xml.ts";
import { iniValue, unitValue } from "./escape.ts";
import type { ProjectFile } from "./plan.ts";
import type { ProjectNames } from "./project-names.ts";

/** What a machine needs to start the service on its system bus and to let others call it. */
export function systemFiles(names: ProjectNames): readonly ProjectFile[] {
  const { bus, program } = names;
  return [
    { path: `system/${bus}.service`, text: activation(names) },
    { path: `system/${bus}.conf`, text: policy(names) },
    { path: `system/${program}.service`, text: unit(names) },
    { path: `system/${program}.sysusers`, text: `u ${unitValue(program)} - "${unitValue(bus)}"\n` },
  ];
}

/** Tells the bus how to start the service when somebody calls it. */
function activation({ bus, program }: ProjectNames): string {
  const name = iniValue(program);
  return `[D-BUS Service]
Name=${iniValue(bus)}
Exec=/usr/bin/${name} system
User=${name}
SystemdService=${name}.service
`;
}

/** Tells the bus who may own the name and who may send to it. */
function policy({ bus, program }: ProjectNames): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <policy user="${escapeXml(program)}">
    <allow own="${escapeXml(bus)}"/>
  </policy>
  <policy context="default">
    <!-- Everybody may call. Who may do what, the service decides: see $authorize. -->
    <allow send_destination="${escapeXml(bus)}"/>
  </policy>
</busconfig>
`;
}

function unit({ bus, program }: ProjectNames): string {
  const name = unitValue(program);
  return `[Unit]
Description=${unitValue(bus)}
After=dbus.socket
Requires=dbus.socket

[Service]
Type=dbus
BusName=${unitValue(bus)}
User=${name}
ExecStart=/usr/bin/${name} --bus system
Restart=on-failure
CapabilityBoundingSet=
NoNewPrivileges=true
PrivateDevices=true
PrivateTmp=true
ProtectHome=true
ProtectSystem=strict
RestrictAddressFamilies=AF_UNIX

[Install]
WantedBy=multi-user.target
`;
}
