const MAX_LENGTH = 1024;
const MAX_LEVEL = 32;

/**
 * Returns whether a text is the path of a control group below the root, without a slash at its start, that is safe in a
 * quoted string of nft. The characters that systemd uses in names are safe. Control groups with other names are
 * ignored.
 */
export function isCgroupPath(path: string): boolean {
  const names = path.split("/");
  return path.length <= MAX_LENGTH && names.length <= MAX_LEVEL && names.every(isName);
}

function isName(name: string): boolean {
  return /^[A-Za-z0-9_.:@\\-]+$/.test(name) && name !== "." && name !== "..";
}
