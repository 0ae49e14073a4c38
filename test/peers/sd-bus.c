/* The benchmark on sd-bus: `server <address> <name>` or `client <address> <name> <load> <seconds>`, as in drive.ts. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-bus.h>
#include <time.h>

#define PATH "/org/example/bench"
#define INTERFACE "org.example.Bench1"
#define TEXT "hello, this is a text of a common length"
#define TICKS 1000
#define WARM_UP_SECONDS 0.7

static uint8_t bytes[64 * 1024];
static sd_bus *bus;
static const char *name;

static void check(int result, const char *what) {
  if (result >= 0) return;
  fprintf(stderr, "%s: %s\n", what, strerror(-result));
  exit(1);
}

static double cpu_time(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return 1e6 * (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void step(void) {
  int result = sd_bus_process(bus, NULL);
  check(result, "process");
  if (result == 0) check(sd_bus_wait(bus, UINT64_MAX), "wait");
}

static int echo(sd_bus_message *call, void *data, sd_bus_error *error) {
  const char *text;
  int result = sd_bus_message_read(call, "s", &text);
  return result < 0 ? result : sd_bus_reply_method_return(call, "s", text);
}

static int echo_dictionary(sd_bus_message *call, void *data, sd_bus_error *error) {
  sd_bus_message *reply = NULL;
  int result = sd_bus_message_new_method_return(call, &reply);
  if (result >= 0) result = sd_bus_message_copy(reply, call, true);
  if (result >= 0) result = sd_bus_send(NULL, reply, NULL);
  sd_bus_message_unref(reply);
  return result;
}

static int echo_bytes(sd_bus_message *call, void *data, sd_bus_error *error) {
  sd_bus_message *reply = NULL;
  const void *received;
  size_t length;
  int result = sd_bus_message_read_array(call, 'y', &received, &length);
  if (result >= 0) result = sd_bus_message_new_method_return(call, &reply);
  if (result >= 0) result = sd_bus_message_append_array(reply, 'y', received, length);
  if (result >= 0) result = sd_bus_send(NULL, reply, NULL);
  sd_bus_message_unref(reply);
  return result;
}

static int emit(sd_bus_message *call, void *data, sd_bus_error *error) {
  uint32_t count;
  int result = sd_bus_message_read(call, "u", &count);
  for (uint32_t number = 0; result >= 0 && number < count; number++)
    result = sd_bus_emit_signal(bus, PATH, INTERFACE, "Tick", "us", number, "tick");
  return result < 0 ? result : sd_bus_reply_method_return(call, "");
}

static int report_cpu_time(sd_bus_message *call, void *data, sd_bus_error *error) {
  return sd_bus_reply_method_return(call, "d", cpu_time());
}

static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Echo", "s", "s", echo, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("EchoDictionary", "a{sv}", "a{sv}", echo_dictionary, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("EchoBytes", "ay", "ay", echo_bytes, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Emit", "u", "", emit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("CpuTime", "", "d", report_cpu_time, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL("Tick", "us", 0),
    SD_BUS_VTABLE_END,
};

static void serve(void) {
  check(sd_bus_add_object_vtable(bus, NULL, PATH, INTERFACE, vtable, NULL), "serve");
  check(sd_bus_request_name(bus, name, 0), "request name");
  puts("ready");
  fflush(stdout);
  for (;;) step();
}

static sd_bus_message *new_call(const char *member) {
  sd_bus_message *call = NULL;
  check(sd_bus_message_new_method_call(bus, &call, name, PATH, INTERFACE, member), "call");
  return call;
}

static sd_bus_message *echo_call(void) {
  sd_bus_message *call = new_call("Echo");
  check(sd_bus_message_append(call, "s", TEXT), "append");
  return call;
}

static sd_bus_message *dictionary_call(void) {
  sd_bus_message *call = new_call("EchoDictionary");
  char key[16];
  check(sd_bus_message_open_container(call, 'a', "{sv}"), "open");
  for (int i = 0; i < 20; i++) {
    snprintf(key, sizeof key, "Property%d", i);
    switch (i % 5) {
      case 0: check(sd_bus_message_append(call, "{sv}", key, "s", "a text"), "append"); break;
      case 1: check(sd_bus_message_append(call, "{sv}", key, "u", 42), "append"); break;
      case 2: check(sd_bus_message_append(call, "{sv}", key, "b", 1), "append"); break;
      case 3: check(sd_bus_message_append(call, "{sv}", key, "d", 0.5), "append"); break;
      default: check(sd_bus_message_append(call, "{sv}", key, "as", 2, "one", "two"), "append");
    }
  }
  check(sd_bus_message_close_container(call), "close");
  return call;
}

static sd_bus_message *bytes_call(void) {
  sd_bus_message *call = new_call("EchoBytes");
  check(sd_bus_message_append_array(call, 'y', bytes, sizeof bytes), "append");
  return call;
}

static void read_text(sd_bus_message *reply) {
  const char *text;
  check(sd_bus_message_read(reply, "s", &text), "read");
}

static void read_dictionary(sd_bus_message *reply) {
  const char *key, *type, *text;
  uint64_t number;
  check(sd_bus_message_enter_container(reply, 'a', "{sv}"), "enter");
  while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
    check(sd_bus_message_read(reply, "s", &key), "read");
    check(sd_bus_message_peek_type(reply, NULL, &type), "peek");
    check(sd_bus_message_enter_container(reply, 'v', type), "enter");
    if (type[0] == 'a') {
      check(sd_bus_message_enter_container(reply, 'a', "s"), "enter");
      while (sd_bus_message_read_basic(reply, 's', &text) > 0) continue;
      check(sd_bus_message_exit_container(reply), "exit");
    } else {
      check(sd_bus_message_read_basic(reply, type[0], type[0] == 's' ? (void *)&text : (void *)&number), "read");
    }
    check(sd_bus_message_exit_container(reply), "exit");
    check(sd_bus_message_exit_container(reply), "exit");
  }
  check(sd_bus_message_exit_container(reply), "exit");
}

static void read_bytes(sd_bus_message *reply) {
  const void *received;
  size_t length;
  check(sd_bus_message_read_array(reply, 'y', &received, &length), "read");
}

static sd_bus_message *(*make_call)(void);
static void (*read_reply)(sd_bus_message *);
static double end;
static long calls, waiting, missing;
static int on_reply(sd_bus_message *reply, void *data, sd_bus_error *error);

static void start_call(void) {
  sd_bus_message *call = make_call();
  check(sd_bus_call_async(bus, NULL, call, on_reply, NULL, 0), "send");
  sd_bus_message_unref(call);
  waiting++;
}

static int on_reply(sd_bus_message *reply, void *data, sd_bus_error *error) {
  waiting--;
  check(-sd_bus_message_get_errno(reply), "reply");
  read_reply(reply);
  calls++;
  if (now() < end) start_call();
  return 1;
}

static int on_tick(sd_bus_message *signal, void *data, sd_bus_error *error) {
  uint32_t number;
  const char *text;
  check(sd_bus_message_read(signal, "us", &number, &text), "read");
  missing--;
  return 0;
}

static void hear_ticks(void) {
  missing = TICKS;
  check(sd_bus_call_method(bus, name, PATH, INTERFACE, "Emit", NULL, NULL, "u", TICKS), "emit");
  while (missing > 0) step();
  calls += TICKS;
}

static long repeat(const char *load, double seconds) {
  bool is_signals = strcmp(load, "signals") == 0;
  calls = 0;
  end = now() + seconds;
  if (!is_signals)
    for (int i = strcmp(load, "s seq") == 0 ? 1 : 64; i > 0; i--) start_call();
  while (is_signals ? now() < end : waiting > 0) is_signals ? hear_ticks() : step();
  return calls;
}

static double server_cpu_time(void) {
  sd_bus_message *reply = NULL;
  double time;
  check(sd_bus_call_method(bus, name, PATH, INTERFACE, "CpuTime", NULL, &reply, ""), "cpu time");
  check(sd_bus_message_read(reply, "d", &time), "read");
  sd_bus_message_unref(reply);
  return time;
}

static void drive(const char *load, double seconds) {
  make_call = load[0] == 's' ? echo_call : load[1] == 'y' ? bytes_call : dictionary_call;
  read_reply = load[0] == 's' ? read_text : load[1] == 'y' ? read_bytes : read_dictionary;
  check(sd_bus_match_signal(bus, NULL, name, PATH, INTERFACE, "Tick", on_tick, NULL), "match");
  repeat(load, WARM_UP_SECONDS);
  double server = server_cpu_time(), client = cpu_time(), started = now();
  long count = repeat(load, seconds);
  double took = now() - started;
  client = cpu_time() - client, server = server_cpu_time() - server;
  printf("{\"calls\":%ld,\"seconds\":%f,\"clientCpu\":%f,\"serverCpu\":%f}\n", count, took, client, server);
}

int main(int count, char **arguments) {
  if (count < 4) return 2;
  name = arguments[3];
  memset(bytes, 0xa5, sizeof bytes);
  check(sd_bus_new(&bus), "new");
  check(sd_bus_set_address(bus, arguments[2]), "address");
  check(sd_bus_set_bus_client(bus, true), "bus client");
  check(sd_bus_start(bus), "connect");
  if (strcmp(arguments[1], "server") == 0) serve();
  else if (count > 5) drive(arguments[4], atof(arguments[5]));
  sd_bus_flush_close_unref(bus);
}
