/* Layers without parameters: a copy, a copy that need not run, noise, a threshold, a sum. */
#include "test_layers.h"

static workbench_status copy_plan(const workbench_layer_type *type, const workbench_layer_request *request,
                                  workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type, (void)message, (void)bytes;
  keep_shape(request, plan);
  plan->flops = workbench_count(request->inputs[0]);
  return WORKBENCH_OK;
}

static workbench_status copy_forward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  memcpy(call->output, call->inputs[0], sizeof(float) * input_count(call) * call->batch);
  return WORKBENCH_OK;
}

static workbench_status copy_backward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  if (call->input_gradients[0])
    memcpy(call->input_gradients[0], call->output_gradient, sizeof(float) * input_count(call) * call->batch);
  return WORKBENCH_OK;
}

const workbench_layer_type copy_layer = {
    .struct_size = sizeof(workbench_layer_type), .name = "test_copy", .help = "the input",
    .minimum_inputs = 1, .maximum_inputs = 1,
    .plan = copy_plan, .forward = copy_forward, .backward = copy_backward};

static workbench_status identity_plan(const workbench_layer_type *type, const workbench_layer_request *request,
                                      workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type, (void)message, (void)bytes;
  keep_shape(request, plan);
  plan->flags = request->is_training ? 0 : WORKBENCH_IS_IDENTITY;
  return WORKBENCH_OK;
}

static workbench_status never(const workbench_layer_call *call, char *message, size_t bytes) {
  if (call->request->is_training) return copy_forward(call, message, bytes);
  return fail(WORKBENCH_FAILED, message, bytes, "a layer that is its input was called");
}

const workbench_layer_type identity_layer = {
    .struct_size = sizeof(workbench_layer_type), .name = "test_identity", .help = "the input, without a call",
    .minimum_inputs = 1, .maximum_inputs = 1,
    .plan = identity_plan, .forward = never, .backward = copy_backward};

/* Adds a number that follows from key and sample, while training. */
static workbench_status noise_forward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  uint64_t count = input_count(call);
  for (uint32_t example = 0; example < call->batch; example++) {
    float noise = 0;
    if (call->samples) {
      uint64_t bits = (call->random_key ^ (call->samples[example] + 1) * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
      noise = (float)(bits >> 40) / (float)(1 << 24);
    }
    for (uint64_t i = 0; i < count; i++) call->output[example * count + i] = call->inputs[0][example * count + i] + noise;
  }
  return WORKBENCH_OK;
}

const workbench_layer_type noise_layer = {
    .struct_size = sizeof(workbench_layer_type), .flags = WORKBENCH_IS_RANDOM, .name = "test_noise",
    .help = "adds one random number to each example while training", .minimum_inputs = 1, .maximum_inputs = 1,
    .plan = copy_plan, .forward = noise_forward, .backward = copy_backward};

static const workbench_option level = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_NUMBER, .name = "level",
    .help = "what is above it becomes 1", .presence = WORKBENCH_DEFAULT, .default_number = 0.5};
static const workbench_option *const threshold_options[] = {&level};

static workbench_status threshold_forward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  float limit = (float)workbench_find(call->request->options, "level")->number;
  uint64_t count = input_count(call) * call->batch;
  for (uint64_t i = 0; i < count; i++) call->output[i] = call->inputs[0][i] > limit ? 1 : 0;
  return WORKBENCH_OK;
}

const workbench_layer_type threshold_layer = {
    .struct_size = sizeof(workbench_layer_type), .flags = WORKBENCH_INFERENCE_ONLY, .name = "test_threshold",
    .help = "1 above a level, else 0; has no backward pass", .option_count = 1, .minimum_inputs = 1,
    .maximum_inputs = 1, .options = threshold_options, .plan = copy_plan, .forward = threshold_forward};

static workbench_status sum_plan(const workbench_layer_type *type, const workbench_layer_request *request,
                                 workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type;
  for (uint32_t i = 1; i < request->input_count; i++)
    if (workbench_count(request->inputs[i]) != workbench_count(request->inputs[0]))
      return fail(WORKBENCH_INVALID_SHAPE, message, bytes, "its inputs have different sizes");
  keep_shape(request, plan);
  return WORKBENCH_OK;
}

static workbench_status sum_forward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  uint64_t count = input_count(call) * call->batch;
  for (uint64_t i = 0; i < count; i++) {
    float sum = 0;
    for (uint32_t k = 0; k < call->request->input_count; k++) sum += call->inputs[k][i];
    call->output[i] = sum;
  }
  return WORKBENCH_OK;
}

static workbench_status sum_backward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  for (uint32_t k = 0; k < call->request->input_count; k++)
    if (call->input_gradients[k])
      memcpy(call->input_gradients[k], call->output_gradient, sizeof(float) * input_count(call) * call->batch);
  return WORKBENCH_OK;
}

const workbench_layer_type sum_layer = {
    .struct_size = sizeof(workbench_layer_type), .name = "test_sum", .help = "the sum of two or three inputs",
    .minimum_inputs = 2, .maximum_inputs = 3,
    .plan = sum_plan, .forward = sum_forward, .backward = sum_backward};
