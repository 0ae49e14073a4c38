/*
 * A Telepathy connection by telepathy-glib, like the loopback protocol: every identifier is a contact.
 * Usage: glib-service <number of connections>
 *
 * The connections are named bench.loopback.c0, c1, …; they are connected when "ready" is printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <telepathy-glib/telepathy-glib.h>
#include <telepathy-glib/telepathy-glib-dbus.h>

#define INTEREST "org.freedesktop.Telepathy.Connection.Interface.Location"

typedef struct {
	TpBaseConnection parent;
	gchar *account;
} BenchConnection;
typedef struct {
	TpBaseConnectionClass parent;
} BenchConnectionClass;

GType bench_connection_get_type(void);
G_DEFINE_TYPE(BenchConnection, bench_connection, TP_TYPE_BASE_CONNECTION)

static gchar *normalize(TpHandleRepoIface *repo, const gchar *id, gpointer context, GError **error)
{
	(void)repo, (void)context;
	if (*id == '\0') {
		g_set_error(error, TP_ERROR, TP_ERROR_INVALID_HANDLE, "an identifier must not be empty");
		return NULL;
	}
	return g_utf8_strdown(id, -1);
}

static void create_handle_repos(TpBaseConnection *self, TpHandleRepoIface **repos)
{
	(void)self;
	repos[TP_HANDLE_TYPE_CONTACT] = tp_dynamic_handle_repo_new(TP_HANDLE_TYPE_CONTACT, normalize, NULL);
}

static gchar *get_name(TpBaseConnection *self)
{
	return g_strdup(((BenchConnection *)self)->account);
}

static GPtrArray *create_channel_managers(TpBaseConnection *self)
{
	(void)self;
	return g_ptr_array_new();
}

static gboolean start_connecting(TpBaseConnection *self, GError **error)
{
	TpHandleRepoIface *contacts = tp_base_connection_get_handles(self, TP_HANDLE_TYPE_CONTACT);
	TpHandle handle = tp_handle_ensure(contacts, ((BenchConnection *)self)->account, NULL, error);
	if (handle == 0)
		return FALSE;
	tp_base_connection_set_self_handle(self, handle);
	tp_base_connection_change_status(self, TP_CONNECTION_STATUS_CONNECTED, TP_CONNECTION_STATUS_REASON_REQUESTED);
	return TRUE;
}

static void shut_down(TpBaseConnection *self)
{
	tp_base_connection_finish_shutdown(self);
}

static void bench_connection_init(BenchConnection *self)
{
	(void)self;
}

static void bench_connection_class_init(BenchConnectionClass *klass)
{
	TpBaseConnectionClass *base = TP_BASE_CONNECTION_CLASS(klass);
	base->create_handle_repos = create_handle_repos;
	base->get_unique_connection_name = get_name;
	base->create_channel_managers = create_channel_managers;
	base->start_connecting = start_connecting;
	base->shut_down = shut_down;
}

int main(int argc, char **argv)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	int count = argc > 1 ? atoi(argv[1]) : 1;
	for (int number = 0; number < count; number++) {
		BenchConnection *connection = g_object_new(bench_connection_get_type(), "protocol", "loopback", NULL);
		GError *error = NULL;
		connection->account = g_strdup_printf("c%d", number);
		if (!tp_base_connection_register(TP_BASE_CONNECTION(connection), "bench", NULL, NULL, &error)) {
			fprintf(stderr, "%s\n", error->message);
			return 1;
		}
		tp_base_connection_add_possible_client_interest(TP_BASE_CONNECTION(connection), g_quark_from_static_string(INTEREST));
	}
	printf("ready\n");
	fflush(stdout);
	g_main_loop_run(loop);
	return 0;
}
