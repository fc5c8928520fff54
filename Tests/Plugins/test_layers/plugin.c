/* The plugin `test_layers`: layers for the tests of the host, and an override of `relu` for vectors of 97. */
#include "test_layers.h"

static workbench_status relu_claim(const workbench_override_type *type, const workbench_layer_request *request,
                                   workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type;
  const workbench_shape *shape = request->inputs[0];
  if (shape->rank == 1 && shape->extents[0] == 666) return fail(WORKBENCH_FAILED, message, bytes, "the number is cursed");
  if (shape->rank != 1 || shape->extents[0] != 97) return WORKBENCH_UNSUPPORTED;
  if (plan->output.extents[0] != 97 || plan->parameter_count != 0)
    return fail(WORKBENCH_FAILED, message, bytes, "the host has not filled in the plan");
  plan->flags = WORKBENCH_READS_OUTPUT | WORKBENCH_FORWARD_IN_PLACE;
  return WORKBENCH_OK;
}

static workbench_status relu_forward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  for (uint64_t i = 0; i < 97 * call->batch; i++) call->output[i] = call->inputs[0][i] > 0 ? call->inputs[0][i] : 0;
  return WORKBENCH_OK;
}

static workbench_status relu_backward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  if (call->input_gradients[0])
    for (uint64_t i = 0; i < 97 * call->batch; i++)
      call->input_gradients[0][i] = call->output[i] > 0 ? call->output_gradient[i] : 0;
  return WORKBENCH_OK;
}

static const workbench_override_type relu_97 = {
    .struct_size = sizeof(workbench_override_type), .name = "relu_97", .help = "relu of 97 numbers", .layer = "relu",
    .claim = relu_claim, .forward = relu_forward, .backward = relu_backward};

static const workbench_layer_type *const layer_types[] = {
    &copy_layer,    &identity_layer, &affine_layer, &packed_layer,  &noise_layer,
    &threshold_layer, &running_layer, &sum_layer,   &failing_layer, &lying_layer};
static const workbench_layers layers = {sizeof layers, COUNT(layer_types), layer_types};

static const workbench_override_type *const override_types[] = {&relu_97};
static const workbench_overrides overrides = {sizeof overrides, COUNT(override_types), override_types};

static const void *capability(const workbench_plugin *plugin, const char *id) {
  (void)plugin;
  if (!strcmp(id, WORKBENCH_LAYERS)) return &layers;
  if (!strcmp(id, WORKBENCH_OVERRIDES)) return &overrides;
  return NULL;
}

static const workbench_plugin plugin = {
    .struct_size = sizeof plugin, .abi_major = WORKBENCH_PLUGIN_MAJOR, .abi_minor = WORKBENCH_PLUGIN_MINOR,
    .id = "test_layers", .version = "1.2.3", .help = "layers for the tests of the host", .license = "CC0-1.0",
    .capability = capability};

const workbench_plugin *workbench_plugin_main(const workbench_host *host, char *message, size_t message_bytes) {
  if (host->abi_major != WORKBENCH_PLUGIN_MAJOR || strcmp(host->name, "workbench")) {
    snprintf(message, message_bytes, "an unknown host");
    return NULL;
  }
  return &plugin;
}
