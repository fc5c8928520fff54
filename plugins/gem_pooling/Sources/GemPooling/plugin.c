/* gem_pooling: the plugin's tables, and the layer's calls in terms of pooling.h. */
#include <stdio.h>

#include "pooling.h"
#include "workbench_plugin.h"

enum option_index { OPTION_EXPONENT, OPTION_PER_CHANNEL, OPTION_EPSILON, OPTION_COUNT };

static const workbench_option exponent_option = {
    .struct_size = sizeof(workbench_option),
    .kind = WORKBENCH_NUMBER,
    .name = "exponent",
    .help = "where the learnable exponent begins: 1 is the mean, large ones approach the maximum",
    .presence = WORKBENCH_DEFAULT,
    .minimum = 0.1,
    .maximum = 1000,
    .default_number = 3};
static const workbench_option per_channel_option = {.struct_size = sizeof(workbench_option),
                                                    .kind = WORKBENCH_BOOLEAN,
                                                    .name = "per_channel",
                                                    .help = "an exponent for each channel instead of one for all",
                                                    .presence = WORKBENCH_DEFAULT};
static const workbench_option epsilon_option = {.struct_size = sizeof(workbench_option),
                                                .kind = WORKBENCH_NUMBER,
                                                .name = "epsilon",
                                                .help = "smaller inputs, negative ones too, count as this",
                                                .presence = WORKBENCH_DEFAULT,
                                                .minimum = 1e-12,
                                                .maximum = 1,
                                                .default_number = 1e-6};
static const workbench_option *const layer_options[OPTION_COUNT] = {&exponent_option, &per_channel_option,
                                                                    &epsilon_option};

static bool is_per_channel(const workbench_layer_request *request) {
  return request->options->values[OPTION_PER_CHANNEL]->integer != 0;
}

/* ---- Shapes ------------------------------------------------------------------------------------------------------- */

static workbench_status plan(const workbench_layer_type *type, const workbench_layer_request *request,
                             workbench_layer_plan *plan, char *message, size_t message_bytes) {
  (void)type;
  const workbench_shape *input = request->inputs[0];
  if (input->rank != 3) {
    snprintf(message, message_bytes, "takes pictures [height, width, channels], not an array of rank %u",
             (unsigned)input->rank);
    return WORKBENCH_INVALID_SHAPE;
  }
  const uint64_t channels = input->extents[2];
  plan->output.rank = 1;
  plan->output.extents[0] = channels;
  plan->flags = WORKBENCH_READS_INPUTS | WORKBENCH_READS_OUTPUT | WORKBENCH_OVERWRITES_INPUT;
  plan->parameter_count = 1;
  workbench_parameter *parameter = plan->parameters[0];
  snprintf(parameter->name, sizeof parameter->name, "exponent");
  parameter->flags = WORKBENCH_NO_WEIGHT_DECAY; /* which would pull it towards 0, where there is no mean */
  parameter->shape.rank = 1;
  parameter->shape.extents[0] = is_per_channel(request) ? channels : 1;
  parameter->initializer = WORKBENCH_CONSTANT;
  parameter->initial_value = (float)request->options->values[OPTION_EXPONENT]->number;
  /* The exponent gradient of each channel of each example. */
  if (request->is_training) plan->workspace_bytes = request->maximum_batch * channels * sizeof(float);
  plan->flops = workbench_count(input) * 40;
  return WORKBENCH_OK;
}

/* ---- Numbers: one index of parallel_for is one block of channels of one example ------------------------------------ */

struct extents {
  size_t pixels, channels, blocks;
};

static struct extents extents_of(const workbench_layer_request *request) {
  const uint64_t *input = request->inputs[0]->extents;
  const size_t channels = (size_t)input[2];
  return (struct extents){.pixels = (size_t)(input[0] * input[1]),
                          .channels = channels,
                          .blocks = (channels + POOLING_BLOCK - 1) / POOLING_BLOCK};
}

/* Block `index` of the call, its first channel's place in an example and in the batch of outputs, and its exponents. */
struct place {
  struct pooling_block block;
  struct pooling_exponents exponents;
  size_t input, output;
};

static struct place place_of(const workbench_layer_call *call, uint64_t index) {
  const struct extents all = extents_of(call->request);
  const size_t example = (size_t)index / all.blocks, first = (size_t)index % all.blocks * POOLING_BLOCK;
  const size_t left = all.channels - first;
  struct place place = {.block = {.pixels = all.pixels,
                                  .stride = all.channels,
                                  .channels = left < POOLING_BLOCK ? left : POOLING_BLOCK,
                                  .epsilon = (float)call->request->options->values[OPTION_EPSILON]->number},
                        .input = example * all.pixels * all.channels + first,
                        .output = example * all.channels + first};
  const float *p = call->parameters[0];
  const bool perChannel = is_per_channel(call->request);
  for (size_t c = 0; c < place.block.channels; c++) place.exponents.p[c] = perChannel ? p[first + c] : p[0];
  return place;
}

static void forward_block(void *context, uint64_t index, uint32_t worker) {
  (void)worker;
  const workbench_layer_call *call = context;
  const struct place place = place_of(call, index);
  pooling_forward(&place.block, call->inputs[0] + place.input, &place.exponents, call->output + place.output);
}

static workbench_status forward(const workbench_layer_call *call, char *message, size_t message_bytes) {
  (void)message, (void)message_bytes;
  call->parallel_for(call, call->batch * extents_of(call->request).blocks, forward_block, (void *)call);
  return WORKBENCH_OK;
}

static void backward_block(void *context, uint64_t index, uint32_t worker) {
  (void)worker;
  const workbench_layer_call *call = context;
  const struct place place = place_of(call, index);
  float *inputGradient = call->input_gradients[0], *exponentGradients = call->workspace;
  pooling_backward(&place.block, call->inputs[0] + place.input, call->output + place.output,
                   call->output_gradient + place.output, &place.exponents,
                   inputGradient ? inputGradient + place.input : NULL,
                   call->parameter_gradients[0] ? exponentGradients + place.output : NULL);
}

static workbench_status backward(const workbench_layer_call *call, char *message, size_t message_bytes) {
  (void)message, (void)message_bytes;
  const struct extents all = extents_of(call->request);
  call->parallel_for(call, call->batch * all.blocks, backward_block, (void *)call);
  float *gradient = call->parameter_gradients[0];
  if (!gradient) return WORKBENCH_OK;
  const float *parts = call->workspace;
  double shared = 0;
  for (size_t c = 0; c < all.channels; c++) {
    double sum = 0;
    for (size_t example = 0; example < call->batch; example++) sum += parts[example * all.channels + c];
    if (is_per_channel(call->request)) gradient[c] = (float)sum;
    shared += sum;
  }
  if (!is_per_channel(call->request)) gradient[0] = (float)shared;
  return WORKBENCH_OK;
}

/* ---- Tables ------------------------------------------------------------------------------------------------------- */

static const workbench_layer_type layer = {
    .struct_size = sizeof(workbench_layer_type),
    .name = "gem_pooling",
    .help = "generalized-mean pooling: (mean of max(x, epsilon)^p)^(1/p) of each channel, with a learnable p",
    .option_count = OPTION_COUNT,
    .minimum_inputs = 1,
    .maximum_inputs = 1,
    .options = layer_options,
    .plan = plan,
    .forward = forward,
    .backward = backward};
static const workbench_layer_type *const layer_types[] = {&layer};
static const workbench_layers layers = {.struct_size = sizeof(workbench_layers), .count = 1, .types = layer_types};

static const void *capability(const workbench_plugin *plugin, const char *id) {
  (void)plugin;
  const char *known = WORKBENCH_LAYERS;
  while (*known && *known == *id) known++, id++;
  return *known == *id ? &layers : NULL;
}

const workbench_plugin *workbench_plugin_main(const workbench_host *host, char *message, size_t message_bytes) {
  (void)host;
#if defined(__AVX2__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    snprintf(message, message_bytes, "gem_pooling was compiled for processors with AVX2 and FMA");
    return NULL;
  }
#else
  (void)message, (void)message_bytes;
#endif
  static const workbench_plugin plugin = {.struct_size = sizeof(workbench_plugin),
                                          .abi_major = WORKBENCH_PLUGIN_MAJOR,
                                          .abi_minor = WORKBENCH_PLUGIN_MINOR,
                                          .id = "gem_pooling",
                                          .version = "1.0.0",
                                          .help = "generalized-mean pooling with a learnable exponent",
                                          .author = "the authors of workbench",
                                          .license = "MIT",
                                          .url = "https://arxiv.org/abs/1711.02512",
                                          .capability = capability};
  return &plugin;
}
