import type { RouteOwner, TrafficOwner } from "../routing.ts";
import type { BoundDevice } from "./bound-devices.ts";

/** Name of the nftables table of sessions, in the family `inet`. */
export const FIREWALL_TABLE = "dbus_codegen_sessions";

/** A session whose traffic is marked: all traffic of its owner, which is a user, group or control group. */
export interface MarkedSession {
  readonly mark: number;
  readonly owner: TrafficOwner;
  /**
   * Whether traffic of the owner from the address of the service belongs to this session even if the owner has a newer
   * session.
   */
  readonly sourceIPRule: boolean;
  readonly interface: string;
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
}

/** Traffic to mark and to block. All values must have been validated. */
export interface Firewall {
  readonly sessions: readonly MarkedSession[];
  /** Interfaces of older sessions of an owner. Sockets that are bound to one of them belong to the older session. */
  readonly bound: readonly BoundDevice[];
  /** Owners that may send packets only over services of their sessions. */
  readonly confined: readonly TrafficOwner[];
  /** Marks of the sessions of confined owners that have no service. */
  readonly waitingMarks: readonly number[];
  /** The session that makes an emergency call. Only its traffic, and that of its owner, may be sent. */
  readonly emergencyCall: { readonly mark: number; readonly owner: RouteOwner } | undefined;
}

/**
 * Returns the nftables table that marks and blocks traffic, in the syntax of `nft -f`; an empty text if nothing is
 * marked or blocked.
 *
 * @param cgroupPrefix - Path of the hierarchy of control groups below `/sys/fs/cgroup`. nft expects it at the start of
 * each control group.
 */
export function firewallTable(
  { sessions, bound, confined, waitingMarks, emergencyCall }: Firewall,
  cgroupPrefix = "",
): string {
  if (sessions.length === 0 && confined.length === 0 && emergencyCall === undefined) return "";
  const users = sessions.flatMap((session) => (isUser(session.owner) ? { ...session, id: session.owner.uid } : []));
  const groups = sessions.flatMap((session) => ("gid" in session.owner ? { ...session, id: session.owner.gid } : []));
  const levels = [...new Set([...sessions.map(({ owner }) => owner), ...confined].flatMap(cgroupLevel))].sort(
    ascending,
  );
  const collections = [
    collection("set sessions", "mark", sessions.map(markOf)),
    collection("set waiting", "mark", waitingMarks.map(String)),
    collection("map bound", "mark . ifname : mark", bound.map(boundMark)),
    collection("map users", "uid : mark", newestMarks(users, byOwner)),
    collection("map groups", "gid : mark", newestMarks(groups, byOwner)),
    collection(
      "set confined_users",
      "uid",
      confined.filter(isUser).map(({ uid }) => `${uid}`),
    ),
    collection(
      "set confined_groups",
      "gid",
      confined.flatMap((owner) => ("gid" in owner ? `${owner.gid}` : [])),
    ),
    ...levels.flatMap((level) => {
      const keyOf = (owner: TrafficOwner) => cgroupKey(owner, level, cgroupPrefix);
      const members = sessions.map((session) => ({ ...session, id: 0 }));
      return [
        collection(
          `map cgroups_${level}`,
          "uid . cgroupsv2 : mark",
          newestMarks(members, ({ owner }) => keyOf(owner)),
        ),
        collection(
          `set confined_cgroups_${level}`,
          "uid . cgroupsv2",
          confined.flatMap((owner) => keyOf(owner) ?? []),
        ),
      ];
    }),
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
  const chains = [
    assignChain(levels),
    CHAINS,
    confineChain(levels),
    ...(emergencyCall === undefined ? [] : [emergencyChains(emergencyCall, cgroupPrefix)]),
  ];
  return `table inet ${FIREWALL_TABLE} {\n${[...collections, ...chains].join("\n")}}\n`;
}

function isUser(owner: TrafficOwner): owner is { readonly uid: number } {
  return "uid" in owner && !("cgroup" in owner);
}

function cgroupLevel(owner: TrafficOwner): number[] {
  return "cgroup" in owner ? [owner.cgroup.split("/").length] : [];
}

/**
 * Returns the nft element for an owner that is a control group at a level of the hierarchy; undefined for other owners.
 */
function cgroupKey(owner: TrafficOwner, level: number, prefix: string): string | undefined {
  if (!("cgroup" in owner) || !cgroupLevel(owner).includes(level)) return undefined;
  return `${owner.uid} . "${prefix}${owner.cgroup}"`;
}

function ascending(left: number, right: number): number {
  return left - right;
}

const FAMILIES = [
  { family: "ipv4", digit: 4, type: "ipv4_addr" },
  { family: "ipv6", digit: 6, type: "ipv6_addr" },
] as const;

/**
 * Returns the chain that marks new connections. If several sessions match, the mark that is set last applies. So a
 * control group takes precedence over a user, and a user over a group.
 */
function assignChain(levels: readonly number[]): string {
  const cgroups = levels.map(
    (level) => `\t\tmeta mark set meta skuid . socket cgroupv2 level ${level} map @cgroups_${level}\n`,
  );
  return `
	# New connections get the mark of a session of their owner. TCP connections begin with SYN: other packets may belong to
	# connections from before connection tracking. Connections of an address family that the service does not have are
	# refused.
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
${cgroups.join("")}		meta mark != @sessions return
		meta nfproto ipv4 meta mark != @reaching4 goto refuse
		meta nfproto ipv6 meta mark != @reaching6 goto refuse
	}
`;
}

/**
 * Returns the chain that blocks all packets of confined owners except those of their sessions, which the chain `guard`
 * checks.
 */
function confineChain(levels: readonly number[]): string {
  const cgroups = levels.map(
    (level) => `\t\tmeta skuid . socket cgroupv2 level ${level} @confined_cgroups_${level} goto refuse\n`,
  );
  return `
	# Owners that may send nothing without a service: only packets of their sessions, and to this machine, are sent. Packets
	# of connections that outlive their process have no owner.
	chain confine {
		type filter hook output priority mangle + 2;
		oifname "lo" return
		meta mark @sessions return
		ct mark @waiting goto refuse
		meta skuid @confined_users goto refuse
		meta skgid @confined_groups goto refuse
${cgroups.join("")}	}
`;
}

/**
 * Returns the chains that block all traffic except that of an emergency call. Two kinds of packets are sent
 * nevertheless: packets of the kernel, which have no user, and packets of DHCP, which keep the addresses valid. Packets
 * of existing connections are dropped without an error, so that the connections can continue after the call.
 */
function emergencyChains({ mark, owner }: NonNullable<Firewall["emergencyCall"]>, cgroupPrefix: string): string {
  return `
	chain emergency_output {
		type filter hook output priority mangle + 3;
		oifname "lo" return
		meta mark ${mark} return
${owner === undefined ? "" : `\t\t${ownerMatch(owner, cgroupPrefix)} return\n`}		udp sport 68 udp dport 67 return
		udp sport 546 udp dport 547 return
		meta skuid 0-4294967294 tcp flags & (syn | ack) != syn drop
		meta skuid 0-4294967294 goto refuse
	}

	chain emergency_forward {
		type filter hook forward priority mangle + 3;
		drop
	}
`;
}

function ownerMatch(owner: TrafficOwner, cgroupPrefix: string): string {
  if ("gid" in owner) return `meta skgid ${owner.gid}`;
  if (!("cgroup" in owner)) return `meta skuid ${owner.uid}`;
  const [level] = cgroupLevel(owner);
  return `meta skuid ${owner.uid} socket cgroupv2 level ${level} "${cgroupPrefix}${owner.cgroup}"`;
}

const CHAINS = `
	# Replies get the mark of their connection, for reverse path filters that consider marks.
	chain restore {
		type filter hook prerouting priority mangle;
		ct mark @sessions meta mark set ct mark
	}

	# The rules lead packets over the interface of another session of their owner only if their socket is bound to it.
	chain bind {
		type filter hook output priority mangle + 1;
		meta mark set meta mark . oifname map @bound
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

function boundMark({ newestMark, interface: name, mark }: BoundDevice): string {
  return `${newestMark} . "${name}" : ${mark}`;
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

/** Returns elements of an nft map: for each key, the highest mark of the sessions with this key. */
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
