#include "broken_plugins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int broken(const char *defect) {
  const char *wanted = getenv("WORKBENCH_BROKEN");
  return wanted && strcmp(wanted, defect) == 0;
}

workbench_status broken_refuse(workbench_status status, const char *sentence, char *message, size_t message_bytes) {
  if (broken("message_unterminated")) {
    memset(message, 'x', message_bytes);
  } else if (broken("message_overrun")) {
    strcpy(message, sentence);
  } else if (broken("message_newline")) {
    snprintf(message, message_bytes, "%s\n", "ab");
  } else if (!broken("message_empty")) {
    snprintf(message, message_bytes, "%s", sentence);
  }
  return broken("status_unknown") ? 77 : status;
}

static const void *capability(const workbench_plugin *plugin, const char *id) {
  (void)plugin;
  if (strcmp(id, WORKBENCH_LAYERS) == 0) return broken_layers();
  if (strcmp(id, WORKBENCH_SOURCES) == 0) return broken_sources();
  if (strcmp(id, WORKBENCH_CODECS) == 0) return broken_codecs();
  if (strcmp(id, WORKBENCH_OVERRIDES) == 0) return broken_overrides();
  return broken("unknown_ids") ? broken_layers() : NULL;
}

const workbench_plugin *workbench_plugin_main(const workbench_host *host, char *message, size_t message_bytes) {
  static workbench_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_major = WORKBENCH_PLUGIN_MAJOR,
    .abi_minor = WORKBENCH_PLUGIN_MINOR,
    .id = "broken_plugins",
    .version = "1.2.0",
    .help = "Sound, or wrong in one way.",
    .license = "MIT",
    .capability = capability,
  };
  const workbench_host_log *log = host->capability(host, WORKBENCH_HOST_LOG);
  if (log) log->note(host, "broken_plugins was loaded");
  if (broken("main_null")) {
    broken_refuse(WORKBENCH_FAILED, "this machine has no flux capacitor", message, message_bytes);
    return NULL;
  }
  if (broken("main_exit")) exit(3);
  if (broken("major")) plugin.abi_major = 2;
  if (broken("struct_size")) plugin.struct_size = 24;
  if (broken("id_syntax")) plugin.id = "Broken-Plugins";
  if (broken("version_syntax")) plugin.version = "new";
  if (broken("no_help")) plugin.help = "";
  return &plugin;
}
