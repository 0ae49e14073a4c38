import type { RouteOwner } from "../routing.ts";

/** Name of our table of nftables, in the family `inet`. */
export const FIREWALL_TABLE = "dbus_codegen_sessions";

/** A session whose traffic is selected by its owner. */
export interface MarkedSession {
  readonly mark: number;
  readonly owner: NonNullable<RouteOwner>;
  /** Whether traffic of the owner from the address of the service belongs to this session, not to a newer one. */
  readonly sourceIPRule: boolean;
  readonly interface: string;
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
}

/**
 * Returns the table that marks the traffic of sessions, in the syntax of `nft -f`, or an empty text without sessions.
 * Tables differ only in the elements of their sets and maps. All values must have been validated.
 */
export function firewallTable(sessions: readonly MarkedSession[]): string {
  if (sessions.length === 0) return "";
  const users = sessions.flatMap((session) => ("uid" in session.owner ? { ...session, id: session.owner.uid } : []));
  const groups = sessions.flatMap((session) => ("gid" in session.owner ? { ...session, id: session.owner.gid } : []));
  const collections = [
    collection("set sessions", "mark", sessions.map(markOf)),
    collection("map users", "uid : mark", newestMarks(users, byOwner)),
    collection("map groups", "gid : mark", newestMarks(groups, byOwner)),
    ...FAMILIES.flatMap(({ family, digit, type }) => {
      const addressed = sessions.flatMap((session) => addressedIn(family, session));
      return [
        collection(`map user_sources${digit}`, `uid . ${type} : mark`, newestMarks(users, bySource(family))),
        collection(`map group_sources${digit}`, `gid . ${type} : mark`, newestMarks(groups, bySource(family))),
        collection(`set reaching${digit}`, "mark", addressed.map(markOf)),
        collection(`set homes${digit}`, `mark . ${type}`, addressed.map(home)),
        collection(`set outlets${digit}`, `mark . ifname . ${type}`, addressed.map(outlet)),
        collection(`map translations${digit}`, `mark . ifname : ${type}`, addressed.map(translation)),
      ];
    }),
  ];
  return `table inet ${FIREWALL_TABLE} {\n${collections.join("\n")}\n${CHAINS}}\n`;
}

const FAMILIES = [
  { family: "ipv4", digit: 4, type: "ipv4_addr" },
  { family: "ipv6", digit: 6, type: "ipv6_addr" },
] as const;

const CHAINS = `
	# Replies get the mark of their connection, for reverse path filters that consider marks.
	chain restore {
		type filter hook prerouting priority mangle;
		ct mark @sessions meta mark set ct mark
	}

	# New connections get the mark of a session of their owner: the last match applies. TCP connections begin with SYN:
	# other packets may belong to connections from before connection tracking. Connections of an address family that the
	# service does not have are refused.
	chain assign {
		type route hook output priority mangle;
		meta mark != 0 return
		fib daddr type != unicast return
		ip6 daddr fe80::/10 return
		ct mark @sessions meta mark set ct mark return
		ct state { established, related } return
		tcp flags & (syn | ack) != syn return
		meta mark set meta skgid map @groups
		meta mark set meta skuid map @users
		meta mark set meta skgid . ip saddr map @group_sources4
		meta mark set meta skgid . ip6 saddr map @group_sources6
		meta mark set meta skuid . ip saddr map @user_sources4
		meta mark set meta skuid . ip6 saddr map @user_sources6
		meta mark != @sessions return
		meta nfproto ipv4 meta mark != @reaching4 goto refuse
		meta nfproto ipv6 meta mark != @reaching6 goto refuse
	}

	# Connections from an address that their session no longer has are refused.
	chain leave {
		type filter hook output priority mangle + 1;
		meta mark != @sessions return
		ct state != established return
		meta mark . ct reply ip daddr != @homes4 goto refuse
		meta mark . ct reply ip6 daddr != @homes6 goto refuse
	}

	chain refuse {
		meta l4proto tcp reject with tcp reset
		reject with icmpx admin-prohibited
	}

	# The source address was chosen before the route.
	chain translate {
		type nat hook postrouting priority srcnat;
		snat ip to meta mark . oifname map @translations4
		snat ip6 to meta mark . oifname map @translations6
	}

	# No packet leaves over a service with the address of another, not even while the service of a session changes.
	chain guard {
		type filter hook postrouting priority srcnat + 1;
		meta mark != @sessions return
		ct mark set meta mark
		meta mark . oifname . ip saddr != @outlets4 drop
		meta mark . oifname . ip6 saddr != @outlets6 drop
	}
`;

type Family = "ipv4" | "ipv6";
type Owned = MarkedSession & { readonly id: number };
type Addressed = MarkedSession & { readonly address: string };

function addressedIn(family: Family, session: MarkedSession): Addressed[] {
  const address = session[family];
  return address === undefined ? [] : [{ ...session, address }];
}

function markOf({ mark }: MarkedSession): string {
  return `${mark}`;
}

function home({ mark, address }: Addressed): string {
  return `${mark} . ${address}`;
}

function outlet({ mark, interface: name, address }: Addressed): string {
  return `${mark} . "${name}" . ${address}`;
}

function translation({ mark, interface: name, address }: Addressed): string {
  return `${mark} . "${name}" : ${address}`;
}

function byOwner({ id }: Owned): string {
  return `${id}`;
}

function bySource(family: Family): (session: Owned) => string | undefined {
  return ({ id, sourceIPRule, [family]: address }) =>
    sourceIPRule && address !== undefined ? `${id} . ${address}` : undefined;
}

/** Returns map elements from each key to the highest mark of the sessions with this key. */
function newestMarks(sessions: readonly Owned[], keyOf: (session: Owned) => string | undefined): string[] {
  const marks = new Map<string, number>();
  for (const session of sessions) {
    const key = keyOf(session);
    if (key !== undefined) marks.set(key, Math.max(marks.get(key) ?? 0, session.mark));
  }
  return [...marks].map(([key, mark]) => `${key} : ${mark}`);
}

function collection(name: string, type: string, elements: readonly string[]): string {
  const content = elements.length === 0 ? "" : ` elements = { ${elements.join(", ")} };`;
  return `\t${name} { type ${type};${content} }`;
}
