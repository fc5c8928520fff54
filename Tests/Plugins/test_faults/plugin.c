/* A plugin that has the fault after which its file is named: the tests copy it to no_help.so, major.so, ... */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workbench_plugin.h"

static char fault[64];
static int is(const char *name) { return strcmp(fault, name) == 0; }

static workbench_status plan(const workbench_layer_type *type, const workbench_layer_request *request,
                             workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type, (void)message, (void)bytes;
  plan->output = *request->inputs[0];
  return WORKBENCH_OK;
}

static workbench_status run(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)call, (void)message, (void)bytes;
  return WORKBENCH_OK;
}

static const char *words[] = {"one", "two", NULL};
static double numbers[] = {1, 2.5};
static workbench_option option = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_INTEGER, .name = "size", .help = "how large",
    .presence = WORKBENCH_DEFAULT, .minimum = 1, .maximum = 9, .default_integer = 3};
static workbench_option second = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_BOOLEAN, .name = "flag", .help = "whether",
    .presence = WORKBENCH_DEFAULT};
static const workbench_option *options[] = {&option, &second};
static char layer_name[64];
static workbench_layer_type layer = {
    .struct_size = sizeof(workbench_layer_type), .name = layer_name, .help = "does nothing", .option_count = 2,
    .minimum_inputs = 1, .maximum_inputs = 1, .options = options, .plan = plan, .forward = run, .backward = run};
static const workbench_layer_type *types[] = {&layer, &layer};
static workbench_layers layers = {sizeof layers, 1, types};

static workbench_status claim(const workbench_override_type *type, const workbench_layer_request *request,
                              workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type, (void)request, (void)plan, (void)message, (void)bytes;
  return WORKBENCH_UNSUPPORTED;
}

static const workbench_override_type override = {
    .struct_size = sizeof override, .name = "faster", .help = "faster", .layer = "conv3d", .claim = claim,
    .forward = run};
static const workbench_override_type *const override_types[] = {&override};
static const workbench_overrides overrides = {sizeof overrides, 1, override_types};

static const void *capability(const workbench_plugin *plugin, const char *id) {
  (void)plugin;
  if (is("brings_nothing")) return NULL;
  if (!strcmp(id, WORKBENCH_LAYERS)) return &layers;
  if (!strcmp(id, WORKBENCH_OVERRIDES) && is("override_of_nothing")) return &overrides;
  return NULL;
}

static workbench_plugin plugin = {
    .struct_size = sizeof plugin, .abi_major = WORKBENCH_PLUGIN_MAJOR, .abi_minor = WORKBENCH_PLUGIN_MINOR,
    .id = fault, .version = "0.1.0", .help = "has a fault", .capability = capability};

static void spoil_option(void) {
  if (is("option_size")) option.struct_size = 8;
  if (is("option_kind")) option.kind = 99;
  if (is("option_presence")) option.presence = 7;
  if (is("option_name")) option.name = "The Size";
  if (is("option_help")) option.help = NULL;
  if (is("option_twice")) second.name = "size";
  if (is("option_reserved")) option.name = "name";
  if (is("option_null")) options[1] = NULL;
  if (is("option_list_null")) layer.options = NULL;
  if (is("option_many")) layer.option_count = 4000000000u;
  if (is("option_bounds")) option.minimum = 10;
  if (is("option_nan_bound")) option.maximum = NAN;
  if (is("option_default_range")) option.default_integer = 12;
  if (is("option_boolean_default")) second.default_integer = 2;
  if (is("option_boolean_bounds")) second.maximum = 1;
  if (is("option_no_choices")) option.kind = WORKBENCH_CHOICE;
  if (is("option_null_choice") || is("option_default_choice")) {
    option.kind = WORKBENCH_CHOICE;
    option.minimum = option.maximum = 0;
    option.choices = words;
    option.choice_count = is("option_null_choice") ? 3 : 2;
    option.default_string = "three";
  }
  if (is("option_string_null")) {
    option.kind = WORKBENCH_STRING;
    option.minimum = option.maximum = 0;
  }
  if (is("option_integer_list")) {
    option.kind = WORKBENCH_INTEGERS;
    option.default_list = numbers;
    option.default_list_count = 2;
  }
}

static void spoil_layer(void) {
  if (is("layer_size")) layer.struct_size = 16;
  if (is("layer_name")) strcpy(layer_name, "9lives");
  if (is("layer_taken")) strcpy(layer_name, "conv2d");
  if (is("layer_twice")) layers.count = 2;
  if (is("layer_inputs")) layer.maximum_inputs = 0;
  if (is("layer_many_inputs")) layer.maximum_inputs = 17;
  if (is("layer_no_plan")) layer.plan = NULL;
  if (is("layer_no_forward")) layer.forward = NULL;
  if (is("layer_no_backward")) layer.backward = NULL;
  if (is("list_size")) layers.struct_size = 4;
  if (is("list_null")) layers.types = NULL;
}

static void spoil_plugin(void) {
  if (is("table_size")) plugin.struct_size = 16;
  if (is("larger")) plugin.struct_size = layer.struct_size = layers.struct_size = option.struct_size = 1 << 20;
  if (is("older")) plugin.abi_major = 0;
  if (is("newer")) plugin.abi_major = WORKBENCH_PLUGIN_MAJOR + 1;
  if (is("id_null")) plugin.id = NULL;
  if (is("id_shape")) plugin.id = "Not An Id";
  if (is("id_other")) plugin.id = "somebody_else";
  if (is("version_shape")) plugin.version = "yesterday";
  if (is("no_help")) plugin.help = "";
  if (is("lines")) plugin.help = "two\nlines";
  if (is("not_utf8")) plugin.help = "\xff\xfe";
  if (is("no_capability")) plugin.capability = NULL;
}

const workbench_plugin *workbench_plugin_main(const workbench_host *host, char *message, size_t message_bytes) {
  Dl_info info;
  if (!dladdr((void *)workbench_plugin_main, &info)) return NULL;
  const char *name = strrchr(info.dli_fname, '/');
  snprintf(fault, sizeof fault, "%s", name ? name + 1 : info.dli_fname);
  char *dot = strchr(fault, '.');
  if (dot) *dot = 0;
  snprintf(layer_name, sizeof layer_name, "of_%.40s", fault);
  if (is("refuses")) {
    snprintf(message, message_bytes, "it needs a better machine");
    return NULL;
  }
  if (is("refuses_silently")) return NULL;
  if (is("talks")) {
    const workbench_host_log *log = host->capability(host, WORKBENCH_HOST_LOG);
    if (log && !host->capability(host, "workbench.host.telepathy/1")) log->note(host, "hello from a\tplugin\n");
  }
  if (is("crooked")) return (const workbench_plugin *)((const char *)&plugin + 1);
  spoil_option();
  spoil_layer();
  spoil_plugin();
  return &plugin;
}
