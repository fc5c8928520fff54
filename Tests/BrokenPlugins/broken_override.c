#include <math.h>
#include <string.h>

#include "broken_plugins.h"

// The built-in layer tanh, for pictures.

static workbench_status claim(
  const workbench_override_type *type, const workbench_layer_request *request, workbench_layer_plan *plan,
  char *message, size_t message_bytes) {
  (void)type;
  if (request->inputs[0]->rank != 3) {
    return broken_refuse(WORKBENCH_UNSUPPORTED, "claims pictures alone", message, message_bytes);
  }
  if (broken("claim_output")) plan->output.extents[0] += 1;
  plan->flags = WORKBENCH_READS_OUTPUT | WORKBENCH_FORWARD_IN_PLACE | WORKBENCH_BACKWARD_IN_PLACE;
  return WORKBENCH_OK;
}

static workbench_status forward(const workbench_layer_call *call, char *message, size_t message_bytes) {
  (void)message, (void)message_bytes;
  uint64_t count = call->batch * workbench_count(call->request->inputs[0]);
  for (uint64_t i = 0; i < count; i++) {
    call->output[i] = broken("override_forward") ? call->inputs[0][i] : tanhf(call->inputs[0][i]);
  }
  return WORKBENCH_OK;
}

static workbench_status backward(const workbench_layer_call *call, char *message, size_t message_bytes) {
  (void)message, (void)message_bytes;
  uint64_t count = call->batch * workbench_count(call->request->inputs[0]);
  if (!call->input_gradients[0]) return WORKBENCH_OK;
  for (uint64_t i = 0; i < count; i++) {
    float y = call->output[i];
    call->input_gradients[0][i] = call->output_gradient[i] * (broken("override_backward") ? 1 - y : 1 - y * y);
  }
  return WORKBENCH_OK;
}

const workbench_overrides *broken_overrides(void) {
  static workbench_override_type type;
  static const workbench_override_type *const types[] = {&type};
  static const workbench_overrides overrides = {.struct_size = sizeof overrides, .count = 1, .types = types};
  type = (workbench_override_type){
    .struct_size = sizeof type,
    .name = "picture_tanh",
    .help = "tanh of pictures.",
    .layer = broken("override_layer") ? "no_such_layer" : "tanh",
    .claim = claim,
    .forward = forward,
    .backward = backward,
  };
  return &overrides;
}
