import fc from "fast-check";
import { expect, test } from "vitest";
import type { GroupChange } from "../../../../../runtime/telepathy/connection/rooms/group-members.ts";
import type { Room } from "../../../../../runtime/telepathy/connection/rooms/room.ts";
import { runs } from "../../../../setup/runs.ts";
import { RoomsFixture } from "../../protocols/irc/rooms/rooms-fixture.ts";
import { CLIENT, TableFixture } from "./table-fixture.ts";

const ROOMS = ["#tea", "#milk"] as const;
const NICKS = ["ann", "Bob", "cat{", "dan"] as const;

/** Members of a room, computed from its events. Requires that no contact joins twice or leaves twice. */
class MemberList {
  readonly nicks = new Set<string>();

  constructor(table: TableFixture, room: Room) {
    for (const handle of room.group.members) this.nicks.add(table.identifier(handle));
    room.addListener({
      membersChanged: (change) => this.#apply(table, change),
      selfHandleChanged: () => undefined,
      flagsChanged: () => undefined,
      passwordRequiredChanged: () => undefined,
      subjectChanged: () => undefined,
      configurationChanged: () => undefined,
    });
  }

  #apply(table: TableFixture, { added, removed }: GroupChange): void {
    for (const nick of removed.map((handle) => table.identifier(handle))) {
      expect(this.nicks.delete(nick), `${nick} left once`).toBe(true);
    }
    for (const nick of added.map((handle) => table.identifier(handle))) {
      expect(this.nicks.has(nick), `${nick} joined once`).toBe(false);
      this.nicks.add(nick);
    }
  }
}

/** The rooms of one IRC connection, and the lists of members that clients see. */
class Connection {
  readonly irc: { fixture?: RoomsFixture } = {};
  readonly table: TableFixture;
  readonly lists = new Map<string, MemberList>();

  constructor() {
    this.table = new TableFixture((host) => {
      const fixture = new RoomsFixture(host);
      this.irc.fixture = fixture;
      return fixture.rooms;
    });
  }

  async receive(lines: readonly string[]): Promise<void> {
    this.irc.fixture?.receive(...lines);
    await this.settle();
  }

  /** Processes all events and starts to observe the members of new rooms. */
  async settle(): Promise<void> {
    this.irc.fixture?.advance(1000);
    await this.table.settle();
    expect(this.table.errors).toEqual([]);
    for (const name of ROOMS) {
      const room = this.table.room(name);
      if (room === undefined) this.lists.delete(name);
      else if (!this.lists.has(name)) this.lists.set(name, new MemberList(this.table, room));
    }
  }
}

/** Simulated server with users and rooms. Its methods return the lines that the user `me` receives. */
class Server {
  readonly members = new Map<string, Set<string>>(ROOMS.map((room) => [room, new Set()]));
  readonly nicks: string[] = [...NICKS];

  join(room: string, user: number): readonly string[] {
    const nick = this.nicks[user] ?? "";
    if (this.#in(room).has(nick)) return [];
    this.#in(room).add(nick);
    return this.#visible(room, `:${nick}!u@h JOIN ${room}`);
  }

  part(room: string, user: number): readonly string[] {
    const nick = this.nicks[user] ?? "";
    const isVisible = this.#visible(room, `:${nick}!u@h PART ${room} :bye`);
    return this.#in(room).delete(nick) ? isVisible : [];
  }

  kick(room: string, user: number): readonly string[] {
    const nick = this.nicks[user] ?? "";
    const isVisible = this.#visible(room, `:op!u@h KICK ${room} ${nick} :out`);
    return this.#in(room).delete(nick) ? isVisible : [];
  }

  quit(users: readonly number[], message: string): readonly string[] {
    return users.flatMap((user) => {
      const nick = this.nicks[user] ?? "";
      const lines = this.#shared(nick) ? [`:${nick}!u@h QUIT :${message}`] : [];
      for (const members of this.members.values()) members.delete(nick);
      return lines;
    });
  }

  rename(user: number): readonly string[] {
    const nick = this.nicks[user] ?? "";
    const renamed = nick.endsWith("_") ? nick.slice(0, -1) : `${nick}_`;
    const lines = this.#shared(nick) ? [`:${nick}!u@h NICK ${renamed}`] : [];
    this.nicks[user] = renamed;
    for (const members of this.members.values()) if (members.delete(nick)) members.add(renamed);
    return lines;
  }

  joinSelf(room: string): readonly string[] {
    const listed = [...this.#in(room)].map((nick, index) => (index % 2 === 0 ? `@${nick}` : nick));
    this.#in(room).add("me");
    const [first = [], second = []] = [listed.slice(0, 2), listed.slice(2)];
    const names = [first, [...second, "me"]].map((nicks) => `:srv 353 me = ${room} :${nicks.join(" ")}`);
    return [`:me!u@h JOIN ${room}`, ...names, `:srv 366 me ${room} :End`];
  }

  /** Returns the normalised members of a room; undefined if the user `me` is not in it. */
  expected(room: string): readonly string[] | undefined {
    const nicks = [...this.#in(room)];
    return nicks.includes("me") ? nicks.map((nick) => nick.toLowerCase()).toSorted() : undefined;
  }

  #in(room: string): Set<string> {
    return this.members.get(room) ?? new Set();
  }

  #visible(room: string, line: string): readonly string[] {
    return this.#in(room).has("me") ? [line] : [];
  }

  #shared(nick: string): boolean {
    return [...this.members.values()].some((members) => members.has("me") && members.has(nick));
  }
}

const user = fc.nat({ max: NICKS.length - 1 });
const room = fc.constantFrom(...ROOMS);
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("join" as const), room, user }) },
  fc.record({ kind: fc.constantFrom("part" as const, "kick" as const, "rename" as const), room, user }),
  fc.record({
    kind: fc.constantFrom("quit" as const, "split" as const),
    users: fc.uniqueArray(user, { minLength: 1 }),
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("join-self" as const), room }) },
  fc.record({ kind: fc.constantFrom("part-self" as const, "close" as const, "kick-self" as const), room }),
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

async function perform(connection: Connection, server: Server, step: Action): Promise<void> {
  const { table } = connection;
  switch (step.kind) {
    case "join":
    case "part":
    case "kick":
      return connection.receive(server[step.kind](step.room, step.user));
    case "rename":
      return connection.receive(server.rename(step.user));
    case "quit":
      return connection.receive(server.quit(step.users, "Quit: bye"));
    case "split":
      return connection.receive(server.quit(step.users, "hub.example leaf.example"));
    default:
  }
  const target = table.room(step.room)?.target;
  if (step.kind === "join-self") {
    if (target !== undefined) return undefined;
    const [handle = 0] = table.requestHandles(2, [step.room]);
    const opened = table.rooms.open({ type: 2, handle, identifier: step.room }, CLIENT);
    await connection.receive(server.joinSelf(step.room));
    await opened;
    table.channels.open({ type: 2, handle, identifier: step.room }, undefined);
    return connection.settle();
  }
  if (target === undefined) return undefined;
  server.members.get(step.room)?.delete("me");
  if (step.kind === "kick-self") return connection.receive([`:op!u@h KICK ${step.room} me`]);
  const channel = table.channels.find(target.type, target.handle);
  if (step.kind === "close" && channel !== undefined) table.channels.close(channel);
  const known = table.room(step.room);
  if (known !== undefined) await table.operations.removeMembers(known, [table.selfHandle], "");
  return connection.receive([`:me!u@h PART ${step.room}`]);
}

test("members are those of the server, each joins and leaves once, and each channel is closed once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (steps) => {
      const connection = new Connection();
      const server = new Server();
      for (const step of steps) {
        await perform(connection, server, step);
        for (const name of ROOMS) {
          const known = connection.table.room(name);
          const members = known && [...known.group.members].map((handle) => connection.table.identifier(handle));
          expect(members?.toSorted()).toEqual(server.expected(name));
          const reported = connection.lists.get(name)?.nicks;
          expect(reported && [...reported].toSorted()).toEqual(server.expected(name));
        }
      }
      const { added, closed, channels } = connection.table;
      expect(new Set(closed).size).toBe(closed.length);
      expect(added.length - closed.length).toBe(channels.all.length);
      expect(channels.all.every(({ isClosed }) => !isClosed)).toBe(true);
    }),
    { numRuns: runs(60) },
  );
});

const word = fc.constantFrom(
  "me",
  "ann",
  "bob",
  "#tea",
  "#milk",
  "+o-o",
  "+k",
  "hub.a leaf.a",
  "@me +ann",
  "",
  ":",
  "=",
);
const line = fc
  .record({
    source: fc.constantFrom("me", "ann", "bob", "irc.example", ""),
    command: fc.constantFrom(
      ..."JOIN PART KICK QUIT NICK TOPIC MODE INVITE PONG 324 331 332 333 353 366 403 442 471 473 475 482".split(" "),
    ),
    params: fc.array(word, { maxLength: 4 }),
    trailing: fc.option(word),
  })
  .map(({ source, command, params, trailing }) =>
    [source && `:${source}!u@h`, command, ...params, ...(trailing === null ? [] : [`:${trailing}`])]
      .filter((part) => part !== "")
      .join(" "),
  );

test("any lines leave each contact in one list of a room at most, and cause no error", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(line, { maxLength: 20 }), { maxLength: 6 }), async (bursts) => {
      const connection = new Connection();
      void connection.table.rooms
        .open({ type: 2, handle: connection.table.requestHandles(2, ["#tea"])[0] ?? 0, identifier: "#tea" }, CLIENT)
        .catch(() => undefined);
      for (const burst of bursts) {
        await connection.receive(burst);
        for (const name of ROOMS) {
          const known = connection.table.room(name);
          if (known === undefined) continue;
          const handles = [...known.group.handles()];
          expect(new Set(handles).size).toBe(handles.length);
          const members = [...known.group.members].map((handle) => connection.table.identifier(handle));
          expect([...(connection.lists.get(name)?.nicks ?? [])].toSorted()).toEqual(members.toSorted());
        }
      }
      expect(new Set(connection.table.closed).size).toBe(connection.table.closed.length);
    }),
    { numRuns: runs(150) },
  );
});
