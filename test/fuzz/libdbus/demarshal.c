/*
 * Demarshals messages with libdbus and prints one line of JSON for each.
 *
 * Input: messages, each after its length as a little-endian 32-bit number. Output: `null` for a message that libdbus
 * rejects; otherwise [header fields, values]. Texts are printed as hexadecimal bytes, numbers as decimal text, doubles as
 * their bits, and dictionaries as {"dict": [[key, value], ...]} with all entries in order.
 */
#include <dbus/dbus.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_text(const char *text) {
  if (text == NULL) {
    fputs("null", stdout);
    return;
  }
  putchar('"');
  for (; *text != '\0'; text++) printf("%02x", (unsigned char)*text);
  putchar('"');
}

static void print_value(DBusMessageIter *iter);

static void print_list(DBusMessageIter *iter, char open, char close) {
  putchar(open);
  for (int first = 1; dbus_message_iter_get_arg_type(iter) != DBUS_TYPE_INVALID; first = 0) {
    if (!first) putchar(',');
    print_value(iter);
    dbus_message_iter_next(iter);
  }
  putchar(close);
}

static void print_array(DBusMessageIter *iter) {
  int element = dbus_message_iter_get_element_type(iter);
  DBusMessageIter items;
  dbus_message_iter_recurse(iter, &items);
  if (element == DBUS_TYPE_BYTE) {
    const unsigned char *bytes = NULL;
    int length = 0;
    dbus_message_iter_get_fixed_array(&items, &bytes, &length);
    fputs("{\"bytes\":\"", stdout);
    for (int index = 0; index < length; index++) printf("%02x", bytes[index]);
    fputs("\"}", stdout);
  } else if (element == DBUS_TYPE_DICT_ENTRY) {
    fputs("{\"dict\":", stdout);
    print_list(&items, '[', ']');
    putchar('}');
  } else {
    print_list(&items, '[', ']');
  }
}

static void print_value(DBusMessageIter *iter) {
  int type = dbus_message_iter_get_arg_type(iter);
  DBusMessageIter inner;
  DBusBasicValue value;
  memset(&value, 0, sizeof value);
  switch (type) {
    case DBUS_TYPE_ARRAY:
      print_array(iter);
      return;
    case DBUS_TYPE_STRUCT:
    case DBUS_TYPE_DICT_ENTRY:
      dbus_message_iter_recurse(iter, &inner);
      print_list(&inner, '[', ']');
      return;
    case DBUS_TYPE_VARIANT: {
      dbus_message_iter_recurse(iter, &inner);
      char *signature = dbus_message_iter_get_signature(&inner);
      fputs("{\"variant\":", stdout);
      print_text(signature);
      fputs(",\"value\":", stdout);
      print_value(&inner);
      putchar('}');
      dbus_free(signature);
      return;
    }
    case DBUS_TYPE_UNIX_FD:
      fputs("\"fd\"", stdout);
      return;
  }
  dbus_message_iter_get_basic(iter, &value);
  switch (type) {
    case DBUS_TYPE_BYTE: printf("\"%u\"", value.byt); break;
    case DBUS_TYPE_BOOLEAN: printf("\"%u\"", value.bool_val); break;
    case DBUS_TYPE_INT16: printf("\"%d\"", value.i16); break;
    case DBUS_TYPE_UINT16: printf("\"%u\"", value.u16); break;
    case DBUS_TYPE_INT32: printf("\"%" PRId32 "\"", value.i32); break;
    case DBUS_TYPE_UINT32: printf("\"%" PRIu32 "\"", value.u32); break;
    case DBUS_TYPE_INT64: printf("\"%" PRId64 "\"", (int64_t)value.i64); break;
    case DBUS_TYPE_UINT64: printf("\"%" PRIu64 "\"", (uint64_t)value.u64); break;
    case DBUS_TYPE_DOUBLE:
      if (value.dbl != value.dbl) fputs("\"nan\"", stdout);
      else printf("\"%016" PRIx64 "\"", (uint64_t)value.u64);
      break;
    default: print_text(value.str);
  }
}

static void print_message(DBusMessage *message) {
  printf("[[\"%d\",\"%u\",\"%u\",\"%d%d%d\",", dbus_message_get_type(message), dbus_message_get_serial(message),
         dbus_message_get_reply_serial(message), dbus_message_get_no_reply(message),
         !dbus_message_get_auto_start(message), dbus_message_get_allow_interactive_authorization(message));
  const char *texts[] = {dbus_message_get_path(message),        dbus_message_get_interface(message),
                         dbus_message_get_member(message),      dbus_message_get_error_name(message),
                         dbus_message_get_destination(message), dbus_message_get_sender(message),
                         dbus_message_get_signature(message)};
  for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++) {
    if (index > 0) putchar(',');
    print_text(texts[index]);
  }
  fputs("],", stdout);
  DBusMessageIter iter;
  if (dbus_message_iter_init(message, &iter)) print_list(&iter, '[', ']');
  else fputs("[]", stdout);
  fputs("]\n", stdout);
}

int main(void) {
  unsigned char prefix[4];
  while (fread(prefix, 1, 4, stdin) == 4) {
    size_t length = prefix[0] | prefix[1] << 8 | prefix[2] << 16 | (size_t)prefix[3] << 24;
    char *bytes = malloc(length + 1);
    if (bytes == NULL || fread(bytes, 1, length, stdin) != length) return 1;
    DBusMessage *message = NULL;
    if (dbus_message_demarshal_bytes_needed(bytes, (int)length) == (int)length)
      message = dbus_message_demarshal(bytes, (int)length, NULL);
    if (message == NULL) puts("null");
    else {
      print_message(message);
      dbus_message_unref(message);
    }
    free(bytes);
  }
  return 0;
}
