/** Bus name and object path of NetworkManager. */
export const NETWORK_MANAGER = {
  destination: "org.freedesktop.NetworkManager",
  path: "/org/freedesktop/NetworkManager",
} as const;
