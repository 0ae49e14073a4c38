/** Bus name of Avahi and the object path of its server. */
export const AVAHI = { destination: "org.freedesktop.Avahi", path: "/" } as const;

/** Number of a network interface that means all of them. */
export const ALL_INTERFACES = -1;
