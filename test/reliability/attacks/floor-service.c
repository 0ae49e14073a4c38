/*
 * A service on sd-bus that answers the calls of all floods and does no work: `<address> <name> <path> <interface>`. Its
 * latency during a flood is a lower limit for services behind the same bus. Prints a line when it is ready.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

static void check(int result, const char *what) {
  if (result >= 0) return;
  fprintf(stderr, "%s: %s\n", what, strerror(-result));
  exit(1);
}

/* Reads all arguments, and returns an object path. */
static int create_session(sd_bus_message *call, void *data, sd_bus_error *error) {
  const char *notifier;
  int result = sd_bus_message_skip(call, "a{sv}");
  if (result >= 0) result = sd_bus_message_read(call, "o", &notifier);
  return result < 0 ? result : sd_bus_reply_method_return(call, "o", "/session");
}

/* Reads all arguments, and returns a name and an object path. */
static int request_connection(sd_bus_message *call, void *data, sd_bus_error *error) {
  const char *protocol;
  int result = sd_bus_message_read(call, "s", &protocol);
  if (result >= 0) result = sd_bus_message_skip(call, "a{sv}");
  return result < 0 ? result : sd_bus_reply_method_return(call, "so", "org.example.Connection", "/connection");
}

static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("CreateSession", "a{sv}o", "o", create_session, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestConnection", "sa{sv}", "so", request_connection, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

int main(int count, char **arguments) {
  if (count != 5) return 2;
  sd_bus *bus = NULL;
  check(sd_bus_new(&bus), "new");
  check(sd_bus_set_address(bus, arguments[1]), "address");
  check(sd_bus_set_bus_client(bus, 1), "client");
  check(sd_bus_start(bus), "start");
  check(sd_bus_add_object_vtable(bus, NULL, arguments[3], arguments[4], vtable, NULL), "serve");
  check(sd_bus_request_name(bus, arguments[2], 0), "request name");
  puts("ready");
  fflush(stdout);
  for (;;) {
    int result = sd_bus_process(bus, NULL);
    check(result, "process");
    if (result == 0) check(sd_bus_wait(bus, UINT64_MAX), "wait");
  }
}
