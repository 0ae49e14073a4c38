/** Bus name of Avahi and the object path of its server. */
export const AVAHI = { destination: "org.freedesktop.Avahi", path: "/" } as const;

/** Value of an interface number that means all network interfaces. */
export const ALL_INTERFACES = -1;
