/*
 * A client of a Telepathy connection by libdbus that is fast enough to measure the service and not itself.
 * Usage: client <bus address>
 *
 * Commands, one per line; each prints "done", or "error <text>":
 *
 *   connection <number>   uses the connection bench.loopback.c<number> from now on, and connects it
 *   handles <count>       requests handles of contacts, 1,000 in a call
 *   inspect <count>       reads the identifiers of the handles that were requested last, 1,000 in a call
 *   clients <count>       opens further connections to the bus
 *   interests             adds an interest from each of them, one after the other
 *   close                 closes them, and makes a call so that the service has noticed it
 */
#include <dbus/dbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERFACE "org.freedesktop.Telepathy.Connection"
#define INTEREST INTERFACE ".Interface.Location"
#define BATCH 1000
#define MAX_CLIENTS 4096
#define MAX_HANDLES 1000000
#define CONTACT 1

static DBusConnection *bus;
static const char *address;
static char name[256], path[256];
static DBusConnection *clients[MAX_CLIENTS];
static int client_count;
static dbus_uint32_t handles[MAX_HANDLES];

static void fail(const char *text)
{
	printf("error %s\n", text);
	fflush(stdout);
	exit(1);
}

static DBusConnection *open_bus(void)
{
	DBusError error = DBUS_ERROR_INIT;
	DBusConnection *connection = dbus_connection_open_private(address, &error);
	if (connection == NULL || !dbus_bus_register(connection, &error))
		fail(error.message);
	dbus_connection_set_exit_on_disconnect(connection, FALSE);
	return connection;
}

static DBusMessage *call(const char *member)
{
	return dbus_message_new_method_call(name, path, INTERFACE, member);
}

static DBusMessage *send_call(DBusConnection *connection, DBusMessage *message)
{
	DBusError error = DBUS_ERROR_INIT;
	DBusMessage *reply = dbus_connection_send_with_reply_and_block(connection, message, 60000, &error);
	if (reply == NULL)
		fail(error.message);
	dbus_message_unref(message);
	return reply;
}

static void use_connection(const char *number)
{
	dbus_uint32_t status = 2;
	snprintf(name, sizeof name, INTERFACE ".bench.loopback.c%s", number);
	snprintf(path, sizeof path, "/org/freedesktop/Telepathy/Connection/bench/loopback/c%s", number);
	dbus_message_unref(send_call(bus, call("Connect")));
	while (status != 0) {
		DBusMessage *reply = send_call(bus, call("GetStatus"));
		if (!dbus_message_get_args(reply, NULL, DBUS_TYPE_UINT32, &status, DBUS_TYPE_INVALID))
			fail("unexpected reply");
		dbus_message_unref(reply);
	}
}

static void request_handles(int count)
{
	static char texts[BATCH][32];
	static const char *names[BATCH];
	dbus_uint32_t type = CONTACT;
	for (int start = 0; start < count; start += BATCH) {
		const char **list = names;
		dbus_uint32_t *received;
		int length;
		for (int index = 0; index < BATCH; index++) {
			snprintf(texts[index], sizeof texts[index], "user%07d@example.com", start + index);
			names[index] = texts[index];
		}
		DBusMessage *message = call("RequestHandles");
		dbus_message_append_args(message, DBUS_TYPE_UINT32, &type, DBUS_TYPE_ARRAY, DBUS_TYPE_STRING, &list, BATCH,
			DBUS_TYPE_INVALID);
		DBusMessage *reply = send_call(bus, message);
		if (!dbus_message_get_args(reply, NULL, DBUS_TYPE_ARRAY, DBUS_TYPE_UINT32, &received, &length, DBUS_TYPE_INVALID) ||
			length != BATCH)
			fail("unexpected reply");
		memcpy(handles + start, received, sizeof received[0] * BATCH);
		dbus_message_unref(reply);
	}
}

static void inspect_handles(int count)
{
	dbus_uint32_t type = CONTACT;
	for (int start = 0; start < count; start += BATCH) {
		const dbus_uint32_t *list = handles + start;
		DBusMessage *message = call("InspectHandles");
		dbus_message_append_args(message, DBUS_TYPE_UINT32, &type, DBUS_TYPE_ARRAY, DBUS_TYPE_UINT32, &list, BATCH,
			DBUS_TYPE_INVALID);
		DBusMessage *reply = send_call(bus, message);
		if (!dbus_message_has_signature(reply, "as"))
			fail("unexpected reply");
		dbus_message_unref(reply);
	}
}

static void add_interests(void)
{
	const char *tokens[] = {INTEREST}, **list = tokens;
	for (int index = 0; index < client_count; index++) {
		DBusMessage *message = call("AddClientInterest");
		dbus_message_append_args(message, DBUS_TYPE_ARRAY, DBUS_TYPE_STRING, &list, 1, DBUS_TYPE_INVALID);
		dbus_message_unref(send_call(clients[index], message));
	}
}

static void close_clients(void)
{
	while (client_count > 0) {
		DBusConnection *client = clients[--client_count];
		dbus_connection_close(client);
		dbus_connection_unref(client);
	}
	/* The bus handles both in order: the service has the end of all clients before this call. */
	dbus_message_unref(send_call(bus, call("GetStatus")));
}

int main(int argc, char **argv)
{
	char line[256], word[32], argument[32];
	if (argc != 2)
		fail("usage: client <bus address>");
	address = argv[1];
	bus = open_bus();
	while (fgets(line, sizeof line, stdin) != NULL) {
		argument[0] = '\0';
		if (sscanf(line, "%31s %31s", word, argument) < 1)
			fail("no command");
		int count = atoi(argument);
		if (count > MAX_HANDLES || count % BATCH != 0)
			count = 0;
		if (strcmp(word, "connection") == 0)
			use_connection(argument);
		else if (strcmp(word, "handles") == 0)
			request_handles(count);
		else if (strcmp(word, "inspect") == 0)
			inspect_handles(count);
		else if (strcmp(word, "clients") == 0)
			while (client_count < count && client_count < MAX_CLIENTS)
				clients[client_count++] = open_bus();
		else if (strcmp(word, "interests") == 0)
			add_interests();
		else if (strcmp(word, "close") == 0)
			close_clients();
		else
			fail("unknown command");
		printf("done\n");
		fflush(stdout);
	}
	return 0;
}
