/* my_plugin: a layer that limits how large numbers can get, softly, and learns for each channel where the limit is.
 *
 *   y = x / sqrt(1 + (a x)^2)
 *
 * Small numbers pass as they are; large ones approach 1 / a. `a` is the parameter "sharpness", one number a channel.
 * With g the gradient of y:
 *
 *   gradient of x      = g / (1 + (a x)^2)^1.5
 *   gradient of a      = sum over batch and places of -g a x^3 / (1 + (a x)^2)^1.5
 *
 * What a plugin must keep to stands at the top of workbench_plugin.h.
 */
#include "workbench_plugin.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define STRUCT(type) .struct_size = sizeof(type)

/* Rows (places, each with all its channels) that one call of a parallel body computes. It must not depend on the number
 * of workers, since the partial sums of the gradient follow from it. */
#define ROWS_A_PIECE 256

static workbench_status fail(workbench_status status, char *message, size_t message_bytes, const char *text) {
  snprintf(message, message_bytes, "%s", text);
  return status;
}

/* ---- Shapes ----------------------------------------------------------------------------------------------------- */

static uint64_t channels_of(const workbench_layer_request *request) {
  const workbench_shape *shape = request->inputs[0];
  return shape->extents[shape->rank - 1];
}

static uint64_t rows_of(const workbench_layer_request *request, uint64_t batch) {
  return batch * (workbench_count(request->inputs[0]) / channels_of(request));
}

static uint64_t pieces_of(uint64_t rows) { return (rows + ROWS_A_PIECE - 1) / ROWS_A_PIECE; }

/* [any] */
static workbench_status plan(const workbench_layer_type *type, const workbench_layer_request *request,
                             workbench_layer_plan *plan, char *message, size_t message_bytes) {
  (void)type;
  const workbench_shape *input = request->inputs[0];
  if (input->rank == 0)
    return fail(WORKBENCH_INVALID_SHAPE, message, message_bytes, "needs an input with channels");
  uint64_t channels = channels_of(request);

  plan->output = *input;

  workbench_parameter *sharpness = plan->parameters[0];
  snprintf(sharpness->name, sizeof sharpness->name, "sharpness");
  sharpness->shape.rank = 1;
  sharpness->shape.extents[0] = channels;
  sharpness->initializer = WORKBENCH_CONSTANT;
  sharpness->initial_value = (float)workbench_find(request->options, "initial")->number;
  /* Decay would pull the limits apart from what the data say. */
  sharpness->flags = WORKBENCH_NO_WEIGHT_DECAY;
  plan->parameter_count = 1;

  plan->flags = WORKBENCH_BACKWARD_IN_PLACE;
  if (request->is_training) {
    plan->flags |= WORKBENCH_READS_INPUTS;
    /* For each piece of the batch its part of the gradient of `sharpness`. */
    plan->workspace_bytes = pieces_of(rows_of(request, request->maximum_batch)) * channels * sizeof(float);
  } else {
    plan->flags |= WORKBENCH_FORWARD_IN_PLACE;
  }
  plan->flops = 5 * workbench_count(input);
  return WORKBENCH_OK;
}

/* ---- Forward ---------------------------------------------------------------------------------------------------- */

/* The rows of one piece, from `first` to before `end`. */
static void piece_bounds(const workbench_layer_call *call, uint64_t index, uint64_t *first, uint64_t *end) {
  uint64_t rows = rows_of(call->request, call->batch);
  *first = index * ROWS_A_PIECE;
  *end = *first + ROWS_A_PIECE < rows ? *first + ROWS_A_PIECE : rows;
}

static void forward_piece(void *context, uint64_t index, uint32_t worker) {
  (void)worker;
  const workbench_layer_call *call = context;
  uint64_t channels = channels_of(call->request), first, end;
  piece_bounds(call, index, &first, &end);
  const float *sharpness = call->parameters[0];
  for (uint64_t row = first; row < end; row++) {
    /* No `restrict`: in place, they are the same. */
    const float *x = call->inputs[0] + row * channels;
    float *y = call->output + row * channels;
    for (uint64_t c = 0; c < channels; c++) {
      float scaled = sharpness[c] * x[c];
      y[c] = x[c] / sqrtf(1.0f + scaled * scaled);
    }
  }
}

/* [any; one at a time for one `workspace`] */
static workbench_status forward(const workbench_layer_call *call, char *message, size_t message_bytes) {
  (void)message, (void)message_bytes;
  call->parallel_for(call, pieces_of(rows_of(call->request, call->batch)), forward_piece, (void *)call);
  return WORKBENCH_OK;
}

/* ---- Backward --------------------------------------------------------------------------------------------------- */

static void backward_piece(void *context, uint64_t index, uint32_t worker) {
  (void)worker;
  const workbench_layer_call *call = context;
  uint64_t channels = channels_of(call->request), first, end;
  piece_bounds(call, index, &first, &end);
  const float *sharpness = call->parameters[0];
  /* Either gradient may be unwanted: the first layer's input, a frozen layer's parameters. */
  int wants_input = call->input_gradients[0] != NULL, wants_sharpness = call->parameter_gradients[0] != NULL;
  float *sums = wants_sharpness ? (float *)call->workspace + index * channels : NULL;
  if (wants_sharpness) memset(sums, 0, channels * sizeof(float));

  for (uint64_t row = first; row < end; row++) {
    const float *x = call->inputs[0] + row * channels;
    const float *g = call->output_gradient + row * channels;
    if (wants_sharpness) {
      for (uint64_t c = 0; c < channels; c++) {
        float scaled = sharpness[c] * x[c], base = 1.0f + scaled * scaled;
        sums[c] -= g[c] * scaled * x[c] * x[c] / (base * sqrtf(base));
      }
    }
    /* After the sums: in place, this overwrites g. */
    if (wants_input) {
      float *dx = call->input_gradients[0] + row * channels;
      for (uint64_t c = 0; c < channels; c++) {
        float scaled = sharpness[c] * x[c], base = 1.0f + scaled * scaled;
        dx[c] = g[c] / (base * sqrtf(base));
      }
    }
  }
}

/* [any; one at a time for one `workspace`] */
static workbench_status backward(const workbench_layer_call *call, char *message, size_t message_bytes) {
  (void)message, (void)message_bytes;
  uint64_t channels = channels_of(call->request);
  uint64_t pieces = pieces_of(rows_of(call->request, call->batch));
  call->parallel_for(call, pieces, backward_piece, (void *)call);
  if (call->parameter_gradients[0] == NULL) return WORKBENCH_OK;
  /* In the order of the pieces, whoever computed them. */
  const float *sums = call->workspace;
  for (uint64_t c = 0; c < channels; c++) {
    double sum = 0;
    for (uint64_t piece = 0; piece < pieces; piece++) sum += sums[piece * channels + c];
    call->parameter_gradients[0][c] = (float)sum;
  }
  return WORKBENCH_OK;
}

/* ---- What the plugin brings ------------------------------------------------------------------------------------- */

static const workbench_option initial = {
  STRUCT(workbench_option), .kind = WORKBENCH_NUMBER, .name = "initial",
  .help = "where every channel's sharpness starts; the limit is 1 / this", .presence = WORKBENCH_DEFAULT,
  .minimum = 0, .maximum = 1000, .default_number = 0.2,
};
static const workbench_option *const options[] = { &initial };

static const workbench_layer_type layer = {
  STRUCT(workbench_layer_type), .name = "my_plugin",
  .help = "limits numbers softly, with a learned limit for each channel: x / sqrt(1 + (a x)^2)",
  .option_count = 1, .options = options, .minimum_inputs = 1, .maximum_inputs = 1,
  .plan = plan, .forward = forward, .backward = backward,
};
static const workbench_layer_type *const types[] = { &layer };
static const workbench_layers layers = { STRUCT(workbench_layers), .count = 1, .types = types };

/* [any] */
static const void *capability(const workbench_plugin *plugin, const char *id) {
  (void)plugin;
  return strcmp(id, WORKBENCH_LAYERS) == 0 ? &layers : NULL;
}

static const workbench_plugin plugin = {
  STRUCT(workbench_plugin), .abi_major = WORKBENCH_PLUGIN_MAJOR, .abi_minor = WORKBENCH_PLUGIN_MINOR,
  .id = "my_plugin", .version = "0.1.0", .help = "the layer my_plugin: a soft limit that is learned",
  .capability = capability,
};

/* [main] */
WORKBENCH_EXPORT const workbench_plugin *workbench_plugin_main(const workbench_host *host, char *message,
                                                               size_t message_bytes) {
  (void)host, (void)message, (void)message_bytes;
  return &plugin;
}
