/* Layers with parameters: a factor and an offset for each channel, one that packs, one that counts. */
#include "test_layers.h"

static const workbench_option initial = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_NUMBER, .name = "initial",
    .help = "the factors at the start", .presence = WORKBENCH_DEFAULT, .minimum = -10, .maximum = 10,
    .default_number = 1.5};
static const workbench_option offset = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_BOOLEAN, .name = "offset",
    .help = "whether a number is added", .presence = WORKBENCH_DEFAULT, .default_integer = 1};
static const workbench_option *const affine_options[] = {&initial, &offset};

static uint64_t channels(const workbench_shape *shape) { return shape->rank ? shape->extents[shape->rank - 1] : 1; }

/* y = x * factor + offset, for each channel; the factors are not decayed. */
static workbench_status affine_plan(const workbench_layer_type *type, const workbench_layer_request *request,
                                    workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type, (void)message, (void)bytes;
  keep_shape(request, plan);
  int has_offset = workbench_find(request->options, "offset")->integer != 0;
  plan->parameter_count = has_offset ? 2 : 1;
  for (uint32_t i = 0; i < plan->parameter_count; i++) {
    workbench_parameter *parameter = plan->parameters[i];
    snprintf(parameter->name, sizeof parameter->name, "%s", i == 0 ? "factor" : "offset");
    parameter->shape.rank = 1;
    parameter->shape.extents[0] = channels(request->inputs[0]);
    parameter->initial_value = i == 0 ? (float)workbench_find(request->options, "initial")->number : 0;
    parameter->flags = i == 0 ? WORKBENCH_NO_WEIGHT_DECAY : 0;
  }
  plan->flags = WORKBENCH_READS_INPUTS | WORKBENCH_OVERWRITES_INPUT;
  /* One partial sum an example and parameter. */
  plan->workspace_bytes = sizeof(float) * 2 * channels(request->inputs[0]) * request->maximum_batch;
  plan->flops = 2 * workbench_count(request->inputs[0]);
  return WORKBENCH_OK;
}

static void affine_example(void *context, uint64_t example, uint32_t worker) {
  (void)worker;
  const workbench_layer_call *call = context;
  uint64_t count = input_count(call), width = channels(call->request->inputs[0]);
  const float *x = call->inputs[0] + example * count;
  float *y = call->output + example * count;
  int has_offset = workbench_find(call->request->options, "offset")->integer != 0;
  for (uint64_t i = 0; i < count; i++)
    y[i] = x[i] * call->parameters[0][i % width] + (has_offset ? call->parameters[1][i % width] : 0);
}

static workbench_status affine_forward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  call->parallel_for(call, call->batch, affine_example, (void *)call);
  return WORKBENCH_OK;
}

static void affine_example_backward(void *context, uint64_t example, uint32_t worker) {
  (void)worker;
  const workbench_layer_call *call = context;
  uint64_t count = input_count(call), width = channels(call->request->inputs[0]);
  const float *x = call->inputs[0] + example * count, *dy = call->output_gradient + example * count;
  float *sums = (float *)call->workspace + 2 * width * example;
  memset(sums, 0, 2 * width * sizeof(float));
  for (uint64_t i = 0; i < count; i++) {
    sums[i % width] += x[i] * dy[i];
    sums[width + i % width] += dy[i];
  }
  if (call->input_gradients[0])
    for (uint64_t i = 0; i < count; i++)
      call->input_gradients[0][example * count + i] = dy[i] * call->parameters[0][i % width];
}

static workbench_status affine_backward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  uint64_t width = channels(call->request->inputs[0]);
  call->parallel_for(call, call->batch, affine_example_backward, (void *)call);
  int has_offset = workbench_find(call->request->options, "offset")->integer != 0;
  for (int k = 0; k < 1 + has_offset; k++) {
    float *gradient = call->parameter_gradients[k];
    if (!gradient) continue;
    memset(gradient, 0, width * sizeof(float));
    for (uint32_t example = 0; example < call->batch; example++)
      for (uint64_t c = 0; c < width; c++) gradient[c] += ((float *)call->workspace)[2 * width * example + k * width + c];
  }
  return WORKBENCH_OK;
}

const workbench_layer_type affine_layer = {
    .struct_size = sizeof(workbench_layer_type), .name = "test_affine", .help = "a factor and an offset a channel",
    .option_count = 2, .minimum_inputs = 1, .maximum_inputs = 1, .options = affine_options,
    .plan = affine_plan, .forward = affine_forward, .backward = affine_backward};

/* y = 2 * weight * x: `prepare` packs 2 * weight. */
static workbench_status packed_plan(const workbench_layer_type *type, const workbench_layer_request *request,
                                    workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type, (void)message, (void)bytes;
  keep_shape(request, plan);
  plan->parameter_count = 1;
  strcpy(plan->parameters[0]->name, "weight");
  plan->parameters[0]->shape = *request->inputs[0];
  plan->parameters[0]->initializer = WORKBENCH_HE_NORMAL;
  plan->parameters[0]->fan_in = 8;
  plan->parameters[0]->fan_out = 1;
  plan->persistent_bytes = sizeof(float) * workbench_count(request->inputs[0]);
  plan->saved_bytes = request->is_training ? sizeof(float) * workbench_count(request->inputs[0]) * request->maximum_batch : 0;
  plan->flags = WORKBENCH_FORWARD_IN_PLACE | WORKBENCH_BACKWARD_IN_PLACE;
  return WORKBENCH_OK;
}

static workbench_status packed_prepare(const workbench_layer_call *call, char *message, size_t bytes) {
  if (call->inputs || call->output || call->saved) return fail(WORKBENCH_FAILED, message, bytes, "too much is there");
  for (uint64_t i = 0; i < input_count(call); i++) ((float *)call->persistent)[i] = 2 * call->parameters[0][i];
  return WORKBENCH_OK;
}

static workbench_status packed_forward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  uint64_t count = input_count(call);
  for (uint64_t i = 0; i < count * call->batch; i++) {
    float x = call->inputs[0][i];
    if (call->saved) ((float *)call->saved)[i] = x;
    call->output[i] = x * ((float *)call->persistent)[i % count];
  }
  return WORKBENCH_OK;
}

static workbench_status packed_backward(const workbench_layer_call *call, char *message, size_t bytes) {
  if (call->inputs[0] || call->output) return fail(WORKBENCH_FAILED, message, bytes, "what was not asked for is there");
  uint64_t count = input_count(call);
  float *gradient = call->parameter_gradients[0];
  if (gradient) memset(gradient, 0, count * sizeof(float));
  for (uint64_t i = 0; i < count * call->batch; i++) {
    float dy = call->output_gradient[i];
    if (gradient) gradient[i % count] += 2 * dy * ((float *)call->saved)[i];
    if (call->input_gradients[0]) call->input_gradients[0][i] = dy * ((float *)call->persistent)[i % count];
  }
  return WORKBENCH_OK;
}

const workbench_layer_type packed_layer = {
    .struct_size = sizeof(workbench_layer_type), .name = "test_packed", .help = "weights that are packed before use",
    .minimum_inputs = 1, .maximum_inputs = 1, .plan = packed_plan, .prepare = packed_prepare,
    .forward = packed_forward, .backward = packed_backward};

/* Copies, and counts in a running statistic how many examples it has seen while training. */
static workbench_status running_plan(const workbench_layer_type *type, const workbench_layer_request *request,
                                     workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type, (void)message, (void)bytes;
  keep_shape(request, plan);
  plan->parameter_count = 1;
  strcpy(plan->parameters[0]->name, "seen");
  plan->parameters[0]->flags = WORKBENCH_NOT_TRAINABLE;
  return WORKBENCH_OK; /* a scalar: rank 0 */
}

static workbench_status running_forward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  if (call->request->is_training) call->parameters[0][0] += (float)call->batch;
  memcpy(call->output, call->inputs[0], sizeof(float) * input_count(call) * call->batch);
  return WORKBENCH_OK;
}

static workbench_status running_backward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  if (call->input_gradients[0])
    memcpy(call->input_gradients[0], call->output_gradient, sizeof(float) * input_count(call) * call->batch);
  return WORKBENCH_OK;
}

const workbench_layer_type running_layer = {
    .struct_size = sizeof(workbench_layer_type), .name = "test_running", .help = "counts the examples of training",
    .minimum_inputs = 1, .maximum_inputs = 1,
    .plan = running_plan, .forward = running_forward, .backward = running_backward};
