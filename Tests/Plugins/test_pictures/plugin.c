// A plugin for tests: one source that does what its options say, faults included, and one codec.

#include <stdio.h>
#include <string.h>

#include "test_pictures.h"

workbench_status test_fail(workbench_status status, char *message, size_t message_bytes, const char *text) {
  snprintf(message, message_bytes, "%s", text);
  return status;
}

static const workbench_source_type *const source_list[] = {&test_source};
static const workbench_sources sources = {
    .struct_size = sizeof sources, .count = 1, .types = source_list};

static const workbench_codec_type *const codec_list[] = {&test_codec};
static const workbench_codecs codecs = {.struct_size = sizeof codecs, .count = 1, .types = codec_list};

static const void *capability(const workbench_plugin *plugin, const char *id) {
  (void)plugin;
  if (strcmp(id, WORKBENCH_SOURCES) == 0) return &sources;
  if (strcmp(id, WORKBENCH_CODECS) == 0) return &codecs;
  return NULL;
}

static const workbench_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_major = WORKBENCH_PLUGIN_MAJOR,
    .abi_minor = WORKBENCH_PLUGIN_MINOR,
    .id = "test_pictures",
    .version = "1.0.0",
    .help = "pictures for tests",
    .capability = capability,
};

const workbench_plugin *workbench_plugin_main(const workbench_host *host, char *message, size_t message_bytes) {
  (void)host, (void)message, (void)message_bytes;
  return &plugin;
}
