/** Bus name and object path of the bus. */
export const MESSAGE_BUS = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus" } as const;
