/* fractals: the plugin's tables. */
#include "source.h"

static const workbench_source_type *const source_types[] = {&fractals_source};
static const workbench_sources sources = {.struct_size = sizeof(workbench_sources), .count = 1, .types = source_types};

static const void *capability(const workbench_plugin *plugin, const char *id) {
  (void)plugin;
  return strcmp(id, WORKBENCH_SOURCES) == 0 ? &sources : NULL;
}

const workbench_plugin *workbench_plugin_main(const workbench_host *host, char *message, size_t message_bytes) {
  (void)host, (void)message, (void)message_bytes;
  static const workbench_plugin plugin = {.struct_size = sizeof(workbench_plugin),
                                          .abi_major = WORKBENCH_PLUGIN_MAJOR,
                                          .abi_minor = WORKBENCH_PLUGIN_MINOR,
                                          .id = "fractals",
                                          .version = "1.1.0",
                                          .help = "the one-instance fractal database: pictures to pre-train on",
                                          .author = "the authors of workbench",
                                          .license = "MIT",
                                          .url = "https://arxiv.org/abs/2307.14710",
                                          .capability = capability};
  return &plugin;
}
