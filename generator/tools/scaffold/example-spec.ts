import { escapeXml } from "../../compiler/text/escape.ts";

/** Name of the example interface that `init` writes. */
export const EXAMPLE_INTERFACE = "org.example.Jukebox1";

/** Returns a spec of a small documented interface with a member of each kind. */
export function exampleSpec(name: string): string {
  return `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0">
  <interface name="${escapeXml(name)}">
    <tp:docstring>Plays one track at a time.</tp:docstring>

    <method name="Play">
      <tp:docstring>Plays a track from its beginning and stops the current one.</tp:docstring>
      <arg name="track" type="s" direction="in">
        <tp:docstring>URI of the track, such as file:///a.ogg.</tp:docstring>
      </arg>
      <arg name="duration" type="t" direction="out">
        <tp:docstring>Duration of the track in milliseconds.</tp:docstring>
      </arg>
    </method>

    <signal name="TrackChanged">
      <tp:docstring>A different track started to play.</tp:docstring>
      <arg name="track" type="s">
        <tp:docstring>URI of the track.</tp:docstring>
      </arg>
    </signal>

    <property name="Volume" type="d" access="readwrite">
      <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="true"/>
      <tp:docstring>Volume from 0 (silent) to 1.</tp:docstring>
    </property>
  </interface>
</node>
`;
}
