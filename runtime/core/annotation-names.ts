/** Marks a declaration as deprecated if the value is `true`. Source: D-Bus specification. */
export const DEPRECATED = "org.freedesktop.DBus.Deprecated";
/** Marks a method as one without a reply if the value is `true`. Source: D-Bus specification. */
export const NO_REPLY = "org.freedesktop.DBus.Method.NoReply";
/** Defines how a service announces changes of a property. Source: D-Bus specification. */
export const EMITS_CHANGED_SIGNAL = "org.freedesktop.DBus.Property.EmitsChangedSignal";
/** Marks a method or property that only authorized callers may use if the value is `true`. Source: systemd. */
export const PRIVILEGED = "org.freedesktop.systemd1.Privileged";
