import { escapeXml, iniValue, unitValue } from "../../compiler/text/escape.ts";
import type { ProjectNames } from "./project-names.ts";
import type { ProjectFile } from "./project-plan.ts";

/** Returns the files that install the service on a system bus: activation, policy, systemd unit and system user. */
export function systemFiles(names: ProjectNames): readonly ProjectFile[] {
  const { bus, program } = names;
  return [
    { path: `system/${bus}.service`, text: activation(names) },
    { path: `system/${bus}.conf`, text: policy(names) },
    { path: `system/${program}.service`, text: unit(names) },
    { path: `system/${program}.sysusers`, text: `u ${unitValue(program)} - "${unitValue(bus)}"\n` },
  ];
}

/** Returns the D-Bus activation file: how the bus starts the service when it is called. */
function activation({ bus, program }: ProjectNames): string {
  const name = iniValue(program);
  return `[D-BUS Service]
Name=${iniValue(bus)}
Exec=/usr/bin/${name} --bus system
User=${name}
SystemdService=${name}.service
`;
}

/** Returns the D-Bus policy file: which user may own the bus name and which users may call the service. */
function policy({ bus, program }: ProjectNames): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <policy user="${escapeXml(program)}">
    <allow own="${escapeXml(bus)}"/>
  </policy>
  <policy context="default">
    <!-- Every user may call the service. The service authorizes each call: see $authorize. -->
    <allow send_destination="${escapeXml(bus)}"/>
  </policy>
</busconfig>
`;
}

/** Returns the systemd unit. */
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
