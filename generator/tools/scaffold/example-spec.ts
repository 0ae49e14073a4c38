import { escapeXml } from "../introspect/spec-xml.ts";

/** The example that `init` begins with. */
export const EXAMPLE_INTERFACE = "org.example.Jukebox1";

/** A small documented interface with a member of each kind. */
export function exampleSpec(name: string): string {
  return `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0">
  <interface name="${escapeXml(name)}">
    <tp:docstring>Plays one track at a time.</tp:docstring>

    <method name="Play">
      <tp:docstring>Plays a track from its beginning, instead of the one that plays.</tp:docstring>
      <arg name="track" type="s" direction="in">
        <tp:docstring>Address of the track, such as file:///a.ogg.</tp:docstring>
      </arg>
      <arg name="duration" type="t" direction="out">
        <tp:docstring>Milliseconds that the track takes.</tp:docstring>
      </arg>
    </method>

    <signal name="TrackChanged">
      <tp:docstring>Another track plays.</tp:docstring>
      <arg name="track" type="s">
        <tp:docstring>Address of the track.</tp:docstring>
      </arg>
    </signal>

    <property name="Volume" type="d" access="readwrite">
      <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="true"/>
      <tp:docstring>From 0, silent, to 1.</tp:docstring>
    </property>
  </interface>
</node>
`;
}
