/*
 * A client of the session API by libdbus that is fast enough to measure the service and not itself.
 * Usage: receiver <bus address> <connections> <calls in flight per connection>
 *
 * Commands, one per line, and their output:
 *
 *   create <count>     creates sessions; prints when all replies and first Updates are there
 *   destroy            destroys all sessions; prints when all replies are there
 *   await up|down      prints when the last reported State of every session is not "disconnected", or is
 *
 * "await" prints 0 if that does not happen within 20 seconds. Every other output is the time by CLOCK_MONOTONIC in nanoseconds, or "error <text>". The first one is printed at the start.
 */
#include <dbus/dbus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MANAGER "net.connman.Manager"
#define NOTIFICATION "net.connman.Notification"
#define MAX_CONNECTIONS 64
#define TIMEOUT_MS 300000
#define AWAIT_SECONDS 20

struct session {
	char *path;
	int is_up;
	int is_reported;
};

struct peer {
	DBusConnection *connection;
	int waiting;
};

static struct peer peers[MAX_CONNECTIONS];
static int peer_count;
static int calls_in_flight;
static struct session *sessions;
static int session_count, sent_count, replied_count, up_count, reported_count;

static void fail(const char *text)
{
	printf("error %s\n", text);
	fflush(stdout);
	exit(1);
}

static void print(long long nanoseconds)
{
	printf("%lld\n", nanoseconds);
	fflush(stdout);
}

static void done(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	print((long long)now.tv_sec * 1000000000 + now.tv_nsec);
}

/* Returns the State or Online of an Update: 1 up, 0 down, -1 if it has neither. */
static int state_in(DBusMessage *update)
{
	DBusMessageIter arguments, entries, entry, value;
	const char *key, *text;
	dbus_bool_t flag;
	if (!dbus_message_iter_init(update, &arguments)) return -1;
	dbus_message_iter_recurse(&arguments, &entries);
	for (; dbus_message_iter_get_arg_type(&entries) == DBUS_TYPE_DICT_ENTRY; dbus_message_iter_next(&entries)) {
		dbus_message_iter_recurse(&entries, &entry);
		dbus_message_iter_get_basic(&entry, &key);
		if (strcmp(key, "State") != 0 && strcmp(key, "Online") != 0) continue;
		dbus_message_iter_next(&entry);
		dbus_message_iter_recurse(&entry, &value);
		if (dbus_message_iter_get_arg_type(&value) == DBUS_TYPE_BOOLEAN) {
			dbus_message_iter_get_basic(&value, &flag);
			return flag;
		}
		dbus_message_iter_get_basic(&value, &text);
		return strcmp(text, "disconnected") != 0;
	}
	return -1;
}

static DBusHandlerResult on_message(DBusConnection *connection, DBusMessage *message, void *data)
{
	(void)connection;
	(void)data;
	if (!dbus_message_is_method_call(message, NOTIFICATION, "Update")) return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
	int index = atoi(strrchr(dbus_message_get_path(message), '/') + 1);
	int is_up = state_in(message);
	if (index >= session_count || is_up < 0) return DBUS_HANDLER_RESULT_HANDLED;
	struct session *session = &sessions[index];
	if (!session->is_reported) reported_count++;
	session->is_reported = 1;
	up_count += is_up - session->is_up;
	session->is_up = is_up;
	return DBUS_HANDLER_RESULT_HANDLED;
}

static void on_reply(DBusPendingCall *call, void *data)
{
	struct session *session = data;
	DBusMessage *reply = dbus_pending_call_steal_reply(call);
	const char *path;
	if (dbus_message_get_type(reply) == DBUS_MESSAGE_TYPE_ERROR) fail(dbus_message_get_error_name(reply));
	if (dbus_message_get_args(reply, NULL, DBUS_TYPE_OBJECT_PATH, &path, DBUS_TYPE_INVALID))
		session->path = strdup(path);
	peers[(session - sessions) % peer_count].waiting--;
	replied_count++;
	dbus_message_unref(reply);
	dbus_pending_call_unref(call);
}

/* Returns the call that creates a session, or that destroys it. */
static DBusMessage *call_for(struct session *session)
{
	DBusMessageIter arguments, settings;
	char notifier[32], *path = notifier;
	if (session->path != NULL) return dbus_message_new_method_call("net.connman", session->path, "net.connman.Session", "Destroy");
	snprintf(notifier, sizeof notifier, "/n/%d", (int)(session - sessions));
	DBusMessage *create = dbus_message_new_method_call("net.connman", "/", MANAGER, "CreateSession");
	dbus_message_iter_init_append(create, &arguments);
	dbus_message_iter_open_container(&arguments, DBUS_TYPE_ARRAY, "{sv}", &settings);
	dbus_message_iter_close_container(&arguments, &settings);
	dbus_message_iter_append_basic(&arguments, DBUS_TYPE_OBJECT_PATH, &path);
	return create;
}

static void send_calls(void)
{
	while (sent_count < session_count) {
		struct session *session = &sessions[sent_count];
		struct peer *peer = &peers[sent_count % peer_count];
		if (peer->waiting >= calls_in_flight) return;
		DBusPendingCall *pending;
		DBusMessage *call = call_for(session);
		if (!dbus_connection_send_with_reply(peer->connection, call, &pending, DBUS_TIMEOUT_INFINITE) || pending == NULL)
			fail("disconnected");
		dbus_pending_call_set_notify(pending, on_reply, session, NULL);
		dbus_message_unref(call);
		peer->waiting++;
		sent_count++;
	}
}

/* Sends, receives and handles messages, and waits for some. Returns whether there were any. */
static int receive(int timeout_ms)
{
	struct pollfd watched[MAX_CONNECTIONS];
	for (int index = 0; index < peer_count; index++) {
		DBusConnection *connection = peers[index].connection;
		if (!dbus_connection_get_unix_fd(connection, &watched[index].fd)) fail("disconnected");
		watched[index].events = POLLIN | (dbus_connection_has_messages_to_send(connection) ? POLLOUT : 0);
	}
	if (poll(watched, peer_count, timeout_ms) == 0) return 0;
	for (int index = 0; index < peer_count; index++) {
		if (!dbus_connection_read_write(peers[index].connection, 0)) fail("disconnected");
		while (dbus_connection_dispatch(peers[index].connection) == DBUS_DISPATCH_DATA_REMAINS) continue;
	}
	return 1;
}

static void iterate(void)
{
	if (!receive(TIMEOUT_MS)) fail("no message for five minutes");
}

static void call_all(void)
{
	sent_count = replied_count = 0;
	for (;;) {
		send_calls();
		if (replied_count == session_count) return;
		iterate();
	}
}

static void create(int count)
{
	session_count = count;
	sessions = calloc(count, sizeof *sessions);
	up_count = reported_count = 0;
	call_all();
	while (reported_count < session_count) iterate();
}

static void destroy(void)
{
	call_all();
	for (int index = 0; index < session_count; index++) free(sessions[index].path);
	free(sessions);
	session_count = 0;
}

static void await(int is_up)
{
	time_t end = time(NULL) + AWAIT_SECONDS;
	int expected = is_up ? session_count : 0;
	while (up_count != expected && time(NULL) < end) receive(1000);
	if (up_count == expected) done();
	else print(0);
}

int main(int argc, char **argv)
{
	DBusError error = DBUS_ERROR_INIT;
	char line[64];
	if (argc != 4) fail("arguments");
	peer_count = atoi(argv[2]);
	calls_in_flight = atoi(argv[3]);
	if (peer_count < 1 || peer_count > MAX_CONNECTIONS) fail("connections");
	for (int index = 0; index < peer_count; index++) {
		DBusConnection *connection = dbus_connection_open_private(argv[1], &error);
		if (connection == NULL || !dbus_bus_register(connection, &error)) fail(error.message);
		dbus_connection_set_exit_on_disconnect(connection, FALSE);
		dbus_connection_add_filter(connection, on_message, NULL, NULL);
		peers[index].connection = connection;
	}
	done();
	for (;;) {
		/* While no command runs, messages must be read, too. */
		struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
		while (poll(&input, 1, 0) == 0) receive(1);
		if (fgets(line, sizeof line, stdin) == NULL) return 0;
		if (strncmp(line, "create ", 7) == 0) create(atoi(line + 7));
		else if (strcmp(line, "destroy\n") == 0) destroy();
		else if (strncmp(line, "await ", 6) == 0) await(line[6] == 'u');
		else fail("command");
		if (strncmp(line, "await ", 6) != 0) done();
	}
}
