import { type Bus, serveRegistered } from "@dbus-codegen-ts/runtime";
import { AuthenticationAgentService } from "./generated/org.freedesktop.PolicyKit1.AuthenticationAgent.ts";
import { AuthorityClient, type Identity, type Subject } from "./generated/org.freedesktop.PolicyKit1.Authority.ts";
import { CancelledError } from "./generated/org.freedesktop.PolicyKit1.Error.ts";
import { authenticate, type Conversation } from "./helper.ts";
import { POLKIT, subjectOfProcess } from "./subjects.ts";

/** A request to authenticate the user for an action. */
export interface AuthenticationRequest {
  readonly actionId: string;
  /** Text to show, in the language of the registered locale. */
  readonly message: string;
  /** Icon to show, or empty. */
  readonly iconName: string;
  /** Details to show. `polkit.caller-pid` is the process ID of the caller, `polkit.subject-pid` that of the subject. */
  readonly details: Readonly<Record<string, string>>;
  /** Users that may authenticate. */
  readonly identities: readonly Identity[];
  /** Identifies the request. It is a secret that only polkit, the agent and the helper know. */
  readonly cookie: string;
  /** Aborted when the dialog must be closed. */
  readonly signal: AbortSignal;
  /** Authenticates one of the identities: `authenticate` with the cookie and the signal of this request. */
  readonly authenticate: (identity: Identity, conversation: Conversation) => Promise<boolean>;
}

/** Options of `registerAgent`. */
export interface AgentOptions {
  /**
   * Session or process whose authentication requests the agent answers. By default it is the session in the variable
   * XDG_SESSION_ID or, if the variable is not set, this process.
   */
  readonly subject?: Subject;
  /**
   * Locale of the texts in requests, such as `de_DE.UTF-8`. By default it is read from the variables LC_ALL,
   * LC_MESSAGES and LANG.
   */
  readonly locale?: string;
  /** Object path of the agent: `/org/freedesktop/PolicyKit1/AuthenticationAgent` by default. */
  readonly path?: string;
  /** Whether the agent is used only if no other agent serves the subject: false by default. */
  readonly isFallback?: boolean;
}

/**
 * Serves an authentication agent and registers it, also after polkit restarts. Only polkit can call it.
 *
 * @param ask - Called for each request. Shows a dialog and calls `authenticate`, several times if the user enters a
 *   wrong answer. If the user dismisses the dialog, it rejects with CancelledError.
 * @returns The registration. Disposing of it removes the agent and closes its dialogs.
 * @throws FailedError if the subject has another agent, or belongs to another user.
 */
export async function registerAgent(
  bus: Bus,
  ask: (request: AuthenticationRequest) => Promise<unknown>,
  options: AgentOptions = {},
): Promise<AsyncDisposable> {
  const { path = "/org/freedesktop/PolicyKit1/AuthenticationAgent", isFallback: fallback = false } = options;
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  const locale = options.locale ?? (LC_ALL || LC_MESSAGES || LANG || "C");
  const subject = options.subject ?? (await ownSubject());
  const authority = new AuthorityClient(bus, POLKIT);
  const register = (): Promise<void> =>
    fallback
      ? authority.registerAuthenticationAgentWithOptions(subject, locale, path, { fallback })
      : authority.registerAuthenticationAgent(subject, locale, path);
  const agent = new Agent(ask);
  return serveRegistered(bus, path, agent, {
    name: POLKIT.destination,
    register,
    unregister: () => authority.unregisterAuthenticationAgent(subject, path),
    onOwner: (uniqueName) => agent.setPolkit(uniqueName),
  });
}

/** Returns the session of this process, or the process if it belongs to no session. */
async function ownSubject(): Promise<Subject> {
  const { XDG_SESSION_ID: sessionId } = process.env;
  return sessionId === undefined ? await subjectOfProcess() : { kind: "unix-session", details: { sessionId } };
}

class Agent extends AuthenticationAgentService {
  readonly #ask: (request: AuthenticationRequest) => Promise<unknown>;
  /** Abort controllers of the open dialogs, by the cookie of the request. */
  readonly #dialogs = new Map<string, AbortController>();
  /** Unique name of polkit; undefined while polkit does not run. */
  #polkit: string | undefined;

  constructor(ask: (request: AuthenticationRequest) => Promise<unknown>) {
    super();
    this.#ask = ask;
  }

  override async beginAuthentication(
    ...[actionId, message, iconName, details, cookie, identities]: Parameters<
      AuthenticationAgentService["beginAuthentication"]
    >
  ): Promise<void> {
    const dialog = new AbortController();
    const { signal } = dialog;
    this.#dialogs.set(cookie, dialog);
    try {
      await this.#ask({
        ...{ actionId, message, iconName, details, identities, cookie, signal },
        authenticate: (identity, conversation) => authenticate(identity, cookie, conversation, { signal }),
      });
    } catch (error) {
      if (signal.aborted) throw new CancelledError("The dialog was closed.");
      throw error;
    } finally {
      this.#dialogs.delete(cookie);
    }
  }

  override cancelAuthentication(cookie: string): void {
    this.#dialogs.get(cookie)?.abort();
  }

  /** Closes all dialogs if polkit has another unique name than before. */
  setPolkit(uniqueName: string | undefined): void {
    if (this.#polkit !== uniqueName) for (const dialog of this.#dialogs.values()) dialog.abort();
    this.#polkit = uniqueName;
  }
}
