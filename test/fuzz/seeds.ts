const TP = 'xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"';
const DCT = 'xmlns:dct="urn:dbus-codegen-ts:dictionary:1"';

/** Small specs that together use all elements and attributes. */
export const SEEDS: readonly string[] = [
  `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node name="/org/example">
  <interface name="org.example.Player1">
    <annotation name="org.freedesktop.DBus.Deprecated" value="true"/>
    <method name="Play"><arg name="track" type="s" direction="in"/><arg name="queue" type="ao" direction="out"/></method>
    <signal name="Stopped"><arg name="why" type="(us)"/></signal>
    <property name="Volume" type="d" access="readwrite">
      <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="invalidates"/></property>
  </interface>
  <node name="child"/>
</node>`,
  `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE node [<!ENTITY api "org.example"><!-- note --><!ENTITY dash "&#8212;">]>
<node><interface name="&api;.Log">
  <!-- Write: writes &dash; a line.
       @text: what -->
  <method name="Write"><arg name="text" type="s"/><annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/></method>
  <method name="Write"><arg name="text" type="ay"/></method>
  <signal name="Written"><arg type="a{sv}"/><arg name="line" type="t"/></signal>
</interface></node>`,
  `<node ${TP}><interface name="im.example.Room">
  <tp:simple-type name="Handle" type="u" array-name="Handle_List"><tp:docstring>A <tp:type>Handle</tp:type></tp:docstring></tp:simple-type>
  <tp:simple-type name="Contact" type="u" tp:type="Handle" array-name="Contact_List"/>
  <tp:enum name="Kind" type="u" plural="Kinds"><tp:enumvalue suffix="None" value="0"/><tp:enumvalue suffix="Some" value="0x1"/></tp:enum>
  <tp:flags name="Flag" value-prefix="Flag" type="u"><tp:flag suffix="A" value="1"/></tp:flags>
  <method name="Get" tp:name-for-bindings="Get"><arg name="Who" type="au" tp:type="Contact[]" direction="in"/>
    <tp:possible-errors><tp:error name="im.example.Error.NotThere"/></tp:possible-errors></method>
</interface></node>`,
  `<node ${TP}><interface name="im.example.Map">
  <tp:struct name="Pair" array-name="Pair_List"><tp:member name="Left" type="u"/><tp:member name="Right" type="as"/></tp:struct>
  <tp:mapping name="Table" array-name="Table_List"><tp:member name="Key" type="o"/><tp:member name="Value" type="(uas)" tp:type="Pair"/></tp:mapping>
  <property name="All" type="a{o(uas)}" tp:type="Table" access="read"><tp:docstring><p>All of <em>them</em>/it:</p><ul><li>one</li><li>two</li></ul>
    <tp:rationale><p>Because.</p></tp:rationale></tp:docstring><tp:added version="0.2"/></property>
  <signal name="Changed"><arg name="Pairs" type="a(uas)" tp:type="Pair[]"/></signal>
  <tp:contact-attribute name="x" type="u"/><tp:requires interface="im.example.Room"/>
</interface></node>`,
  `<node ${DCT} ${TP}><interface name="net.example.Session">
  <dct:dictionary name="Settings" array-name="Settings_List">
    <dct:key name="State" type="s" access="read" default="idle" since="1.2"><tp:docstring>Its state.</tp:docstring></dct:key>
    <dct:key name="Bearers" type="as" access="readwrite" deprecated="2.0"/>
  </dct:dictionary>
  <method name="Change"><arg name="settings" type="a{sv}" tp:type="Settings" direction="in"/></method>
  <property name="then" type="a{sv}" tp:type="Settings" access="write"/>
</interface></node>`,
  `<tp:spec ${TP} xmlns:xi="http://www.w3.org/2001/XInclude">
  <tp:title>Example</tp:title><tp:version>1</tp:version>
  <xi:include href="other.xml"/>
  <tp:section name="One"><node name="/Room_Node"><interface name="im.example.One"><tp:docstring>x &lt; y &amp; z</tp:docstring></interface></node></tp:section>
  <tp:generic-types><tp:external-type name="Socket" type="y" from="elsewhere"/></tp:generic-types>
  <tp:errors namespace="im.example.Error"><tp:error name="Not There"><tp:docstring>Nothing.</tp:docstring></tp:error>
    <tp:error name="Busy"/></tp:errors>
</tp:spec>`,
  `<node xmlns:doc="http://www.freedesktop.org/dbus/1.0/doc.dtd"><interface name="org.example.Doc">
  <doc:doc><doc:summary>Short.</doc:summary><doc:description><doc:para>Long <doc:ref type="method">x</doc:ref>*<![CDATA[/ <raw>]]></doc:para>
    <doc:example language="c"><doc:code>a();
b();</doc:code></doc:example><doc:list><doc:item>\`i\`</doc:item></doc:list></doc:description></doc:doc>
  <method name="Do"><annotation name="org.gtk.GDBus.DocString" value="Does it.&#10;&#10;@x {y}"/>
    <arg name="fd" type="h" direction="out"><doc:doc><doc:summary>A file.</doc:summary></doc:doc></arg><arg name="at" type="x" direction="out"/></method>
</interface></node>`,
];
