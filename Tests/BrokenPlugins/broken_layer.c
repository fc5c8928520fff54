#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broken_plugins.h"

// y[., c] = gain[c] tanh(x[., c]) + shift, gain starts as 1. tanh(x) is saved; `persistent` holds a copy of the gain.

static const workbench_option shift_option = {
  .struct_size = sizeof(workbench_option), .kind = WORKBENCH_NUMBER, .name = "shift", .help = "What is added.",
  .presence = WORKBENCH_DEFAULT, .minimum = -1, .maximum = 1, .default_number = 0.25};
static const char *const modes[] = {"plain", "double"};
static const workbench_option mode_option = {
  .struct_size = sizeof(workbench_option), .kind = WORKBENCH_CHOICE, .name = "mode", .help = "Once or twice.",
  .presence = WORKBENCH_DEFAULT, .choices = modes, .choice_count = 2, .default_string = "plain"};
static const workbench_option weights_option = {
  .struct_size = sizeof(workbench_option), .kind = WORKBENCH_NUMBERS, .name = "weights",
  .help = "Factors, multiplied with each other; none: 1.", .minimum = 0.5, .maximum = 2};
static const workbench_option limit_option = {
  .struct_size = sizeof(workbench_option), .kind = WORKBENCH_INTEGER, .name = "limit",
  .help = "Channels at most.", .presence = WORKBENCH_DEFAULT, .minimum = 1, .maximum = 1e9, .default_integer = 4096};

static uint64_t channels_of(const workbench_layer_request *request) {
  const workbench_shape *shape = request->inputs[0];
  return shape->extents[shape->rank - 1];
}

static float factor_of(const workbench_layer_request *request) {
  float factor = strcmp(workbench_find(request->options, "mode")->string, "double") == 0 ? 2 : 1;
  const workbench_value *weights = workbench_find(request->options, "weights");
  for (uint64_t i = 0; weights->kind != 0 && i < weights->list_count; i++) factor *= (float)weights->list[i];
  return factor;
}

static workbench_status plan(
  const workbench_layer_type *type, const workbench_layer_request *request, workbench_layer_plan *plan, char *message,
  size_t message_bytes) {
  (void)type;
  if (broken("plan_exit")) exit(3);
  const workbench_shape *shape = request->inputs[0];
  if (shape->rank == 0 || broken("refuses_all")) {
    return broken_refuse(
      WORKBENCH_INVALID_SHAPE, "takes an array with channels, but its input is a scalar", message, message_bytes);
  }
  if (broken("refuses_vectors") && shape->rank == 1) {
    return broken_refuse(WORKBENCH_INVALID_SHAPE, "takes pictures only", message, message_bytes);
  }
  uint64_t channels = channels_of(request), count = workbench_count(shape);
  if (channels > (uint64_t)workbench_find(request->options, "limit")->integer) {
    return broken_refuse(WORKBENCH_INVALID_SHAPE, "the input has more channels than 'limit'", message, message_bytes);
  }
  if (broken("options_crash") && workbench_find(request->options, "shift")->number >= 1) abort();
  plan->output = *shape;
  if (broken("shape_lie")) plan->output.extents[shape->rank - 1] += 1;
  if (broken("shape_zero")) plan->output.extents[0] = 0;
  if (broken("shape_batch")) plan->output.extents[0] += request->maximum_batch;
  plan->parameter_count = 1;
  workbench_parameter *gain = plan->parameters[0];
  snprintf(gain->name, sizeof gain->name, "%s", broken("parameter_name") ? "Gain!" : "gain");
  gain->shape.rank = 1;
  gain->shape.extents[0] = channels;
  gain->initial_value = 1;
  gain->fan_in = gain->fan_out = 1;
  if (broken("parameter_training") && request->is_training) gain->flags = WORKBENCH_NO_WEIGHT_DECAY;
  uint32_t parts = request->worker_count;
  if (request->is_training) plan->saved_bytes = request->maximum_batch * count * sizeof(float);
  if (broken("saved_small")) plan->saved_bytes /= 2;
  uint64_t rows = request->maximum_batch > parts ? request->maximum_batch : parts;
  plan->workspace_bytes = rows * channels * sizeof(float);
  plan->persistent_bytes = channels * sizeof(float);
  plan->flops = 4 * count;
  plan->flags = WORKBENCH_FORWARD_IN_PLACE | WORKBENCH_BACKWARD_IN_PLACE;
  if (broken("overwrite_lie")) plan->flags |= WORKBENCH_OVERWRITES_INPUT | WORKBENCH_READS_INPUTS;
  if (broken("flags_unknown")) plan->flags |= 1u << 20;
  if (broken("identity_lie")) plan->flags |= WORKBENCH_IS_IDENTITY;
  return WORKBENCH_OK;
}

static workbench_status prepare(const workbench_layer_call *call, char *message, size_t message_bytes) {
  (void)message, (void)message_bytes;
  float *gain = call->persistent;
  for (uint64_t c = 0; c < channels_of(call->request); c++) {
    if (broken("prepare_adds")) gain[c] = (isnan(gain[c]) ? 0 : gain[c]) + call->parameters[0][c];
    else gain[c] = call->parameters[0][c];
  }
  return WORKBENCH_OK;
}

static float shared[1 << 20];
static float *remembered;
static volatile int calls;

typedef struct {
  const workbench_layer_call *call;
  uint64_t count, channels;
  float factor;
} work;

static void forward_example(void *context, uint64_t example, uint32_t worker) {
  (void)worker;
  const work *w = context;
  const workbench_layer_call *call = w->call;
  uint64_t offset = example * w->count;
  const float *x = call->inputs[0] + offset, *gain = call->persistent;
  float *y = call->output + offset, *saved = call->saved ? (float *)call->saved + offset : NULL;
  float shift = (float)workbench_find(call->request->options, "shift")->number;
  if (broken("in_place_lie")) memset(y, 0, w->count * sizeof(float));
  if (broken("random_hidden")) shift += (float)rand() / (float)RAND_MAX;
  if (broken("random_position") && call->samples) shift += (float)((call->random_key + example) % 101) * 0.01f;
  if (broken("random_undeclared") && call->samples) {
    shift += (float)((call->random_key * 31 + call->samples[example]) % 101) * 0.01f;
  }
  if (broken("batch_size")) shift += (float)call->request->maximum_batch;
  if (broken("neighbours")) shift += call->inputs[0][0];
  for (uint64_t i = 0; i < w->count; i++) {
    if (broken("unwritten") && i + 1 == w->count) continue;
    float t = tanhf(x[i]);
    if (saved) (broken("saved_static") ? shared + offset : saved)[i] = t;
    y[i] = w->factor * gain[i % w->channels] * t + shift;
  }
}

static workbench_status forward(const workbench_layer_call *call, char *message, size_t message_bytes) {
  (void)message, (void)message_bytes;
  work w = {call, workbench_count(call->request->inputs[0]), channels_of(call->request), factor_of(call->request)};
  uint64_t total = call->batch * w.count;
  if (broken("forward_crash")) *(volatile int *)(uintptr_t)8 = 1;
  if (broken("forward_abort")) abort();
  if (broken("forward_hang")) {
    for (;;) usleep(10000);
  }
  if (broken("forward_fails")) return broken_refuse(WORKBENCH_FAILED, "no luck today", message, message_bytes);
  float *saved_input = broken("writes_input") ? (float *)(uintptr_t)call->inputs[0] : NULL;
  call->parallel_for(call, call->batch, forward_example, &w);
  if (saved_input) saved_input[total - 1] = 0;
  if (broken("writes_parameter")) call->parameters[0][0] += 1;
  if (broken("overrun")) call->output[total] = 1;
  if (broken("overrun_far")) call->output[total + 50000] = 1;
  if (broken("underrun")) call->output[-1] = 1;
  if (broken("workspace_overrun")) {
    ((float *)call->workspace)[(call->request->maximum_batch + call->request->worker_count) * w.channels] = 1;
  }
  if (broken("saved_moves")) remembered = call->saved;
  if (broken("repeat_counter")) call->output[0] += (float)(calls++ % 2);
  if (broken("shared_threads")) {
    memcpy(shared, call->output, total * sizeof(float));
    usleep(100);
    memcpy(call->output, shared, total * sizeof(float));
  }
  return WORKBENCH_OK;
}

static void backward_example(void *context, uint64_t example, uint32_t worker) {
  const work *w = context;
  const workbench_layer_call *call = w->call;
  uint64_t offset = example * w->count;
  const float *gain = call->persistent;
  const float *t = (broken("saved_static") ? shared : broken("saved_moves") ? remembered : (float *)call->saved) + offset;
  const float *dy = call->output_gradient + offset;
  float *partial = (float *)call->workspace + (broken("thread_sums") ? worker : example) * w->channels;
  float *dx = call->input_gradients[0] ? call->input_gradients[0] + offset : NULL;
  if (broken("null_gradient")) dx = call->input_gradients[0] + offset;
  if (!broken("workspace_unwritten") && !broken("thread_sums")) memset(partial, 0, w->channels * sizeof(float));
  for (uint64_t i = 0; i < w->count; i++) {
    uint64_t c = i % w->channels;
    float slope = w->factor * gain[c] * (1 - t[i] * t[i]);
    float known = broken("reads_undeclared") ? call->inputs[0][offset + i] * 0 : 0;
    partial[c] += w->factor * dy[i] * t[i];
    if (!dx) continue;
    float value = dy[i] * slope + known;
    if (broken("gradient_wrong") && i + 1 == w->count) value *= 1.05f;
    if (broken("gradient_unwritten") && i + 1 == w->count) continue;
    if (broken("gradient_adds")) dx[i] += value;
    else dx[i] = value;
  }
}

static workbench_status backward(const workbench_layer_call *call, char *message, size_t message_bytes) {
  (void)message, (void)message_bytes;
  work w = {call, workbench_count(call->request->inputs[0]), channels_of(call->request), factor_of(call->request)};
  float *partials = call->workspace;
  uint64_t parts = call->batch;
  if (broken("thread_sums")) {
    parts = call->request->worker_count;
    memset(partials, 0, parts * w.channels * sizeof(float));
  }
  if (broken("overwrite_lie") && call->input_gradients[0]) call->input_gradients[0][0] = 0;
  if (broken("backward_overrun") && call->input_gradients[0]) call->input_gradients[0][call->batch * w.count] = 0;
  if (broken("backward_output")) call->output[0] = 0;
  call->parallel_for(call, call->batch, backward_example, &w);
  if (broken("overwrite_lie") && call->input_gradients[0]) call->input_gradients[0][0] += call->inputs[0][0] * 0.5f;
  float *gradient = call->parameter_gradients[0];
  if (!gradient && !broken("null_parameter_gradient")) return WORKBENCH_OK;
  for (uint64_t c = 0; c < w.channels; c++) {
    float sum = 0;
    for (uint64_t part = 0; part < parts; part++) sum += partials[part * w.channels + c];
    gradient[c] = broken("parameter_gradient_wrong") ? sum * 0.97f : sum;
  }
  return WORKBENCH_OK;
}

const workbench_layers *broken_layers(void) {
  static workbench_option first;
  static const workbench_option *options[5];
  static workbench_layer_type type;
  static const workbench_layer_type *const types[] = {&type};
  static const workbench_layers layers = {.struct_size = sizeof layers, .count = 1, .types = types};
  first = shift_option;
  if (broken("schema_default")) first.default_number = 2;
  if (broken("schema_help")) first.help = "";
  if (broken("schema_bounds")) first.minimum = 3;
  if (broken("schema_kind")) first.kind = 42;
  options[0] = &first;
  options[1] = &mode_option;
  options[2] = &weights_option;
  options[3] = &limit_option;
  options[4] = &first;
  type = (workbench_layer_type){
    .struct_size = sizeof type,
    .name = broken("type_name") ? "Probe" : "probe",
    .help = "A hyperbolic tangent with gains.",
    .options = options,
    .option_count = broken("schema_twice") ? 5 : 4,
    .minimum_inputs = 1,
    .maximum_inputs = broken("type_inputs") ? 0 : 1,
    .plan = plan,
    .prepare = prepare,
    .forward = forward,
    .backward = broken("type_backward") ? NULL : backward,
  };
  return &layers;
}
