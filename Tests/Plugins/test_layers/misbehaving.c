/* A layer that fails where it is told to, and one that plans what cannot be. */
#include <stdlib.h>

#include "test_layers.h"

static const char *const calls[] = {"plan", "prepare", "forward", "backward", "nothing", "nested", "exit"};
static const workbench_option where = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_CHOICE, .name = "where", .help = "the call that fails",
    .presence = WORKBENCH_DEFAULT, .choice_count = COUNT(calls), .choices = calls, .default_string = "nothing"};
static const workbench_option *const failing_options[] = {&where};

static int fails(const workbench_layer_request *request, const char *call) {
  return strcmp(workbench_find(request->options, "where")->string, call) == 0;
}

static workbench_status failing_plan(const workbench_layer_type *type, const workbench_layer_request *request,
                                     workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type;
  if (fails(request, "plan")) return fail(WORKBENCH_INVALID_SHAPE, message, bytes, "no shape is good enough");
  keep_shape(request, plan);
  return WORKBENCH_OK;
}

static workbench_status failing_prepare(const workbench_layer_call *call, char *message, size_t bytes) {
  if (fails(call->request, "prepare")) return fail(WORKBENCH_OUT_OF_MEMORY, message, bytes, "no room to prepare");
  return WORKBENCH_OK;
}

static void inner(void *context, uint64_t index, uint32_t worker) { (void)context, (void)index, (void)worker; }
static void outer(void *context, uint64_t index, uint32_t worker) {
  const workbench_layer_call *call = context;
  (void)index, (void)worker;
  call->parallel_for(call, 4, inner, NULL);
}

static workbench_status failing_forward(const workbench_layer_call *call, char *message, size_t bytes) {
  if (fails(call->request, "exit")) exit(0);
  if (fails(call->request, "nested")) call->parallel_for(call, 4, outer, (void *)call);
  if (fails(call->request, "forward")) return fail(WORKBENCH_FAILED, message, bytes, "the wheel\nis broken");
  memcpy(call->output, call->inputs[0], sizeof(float) * input_count(call) * call->batch);
  return WORKBENCH_OK;
}

static workbench_status failing_backward(const workbench_layer_call *call, char *message, size_t bytes) {
  (void)message, (void)bytes;
  if (fails(call->request, "backward")) return WORKBENCH_FAILED; /* without a word */
  if (call->input_gradients[0])
    memcpy(call->input_gradients[0], call->output_gradient, sizeof(float) * input_count(call) * call->batch);
  return WORKBENCH_OK;
}

const workbench_layer_type failing_layer = {
    .struct_size = sizeof(workbench_layer_type), .name = "test_failing", .help = "fails where it is told to",
    .option_count = 1, .minimum_inputs = 1, .maximum_inputs = 1, .options = failing_options,
    .plan = failing_plan, .prepare = failing_prepare, .forward = failing_forward, .backward = failing_backward};

static const workbench_option about = {
    .struct_size = sizeof(workbench_option), .kind = WORKBENCH_STRING, .name = "about", .help = "what it lies about",
    .presence = WORKBENCH_REQUIRED};
static const workbench_option *const lying_options[] = {&about};

static workbench_status lying_plan(const workbench_layer_type *type, const workbench_layer_request *request,
                                   workbench_layer_plan *plan, char *message, size_t bytes) {
  (void)type, (void)message, (void)bytes;
  const char *lie = workbench_find(request->options, "about")->string;
  keep_shape(request, plan);
  plan->parameter_count = 2;
  for (uint32_t i = 0; i < 2; i++) {
    snprintf(plan->parameters[i]->name, WORKBENCH_NAME_BYTES, "weight_%u", i);
    plan->parameters[i]->shape.rank = 1;
    plan->parameters[i]->shape.extents[0] = 4;
  }
  if (!strcmp(lie, "rank")) plan->output.rank = 9;
  if (!strcmp(lie, "extent")) plan->output.extents[0] = 0;
  if (!strcmp(lie, "overflow")) {
    plan->output.rank = 3;
    for (int i = 0; i < 3; i++) plan->output.extents[i] = UINT64_MAX / 2;
  }
  if (!strcmp(lie, "count")) plan->parameter_count = 33;
  if (!strcmp(lie, "name")) strcpy(plan->parameters[1]->name, "Weight 1");
  if (!strcmp(lie, "no end")) memset(plan->parameters[1]->name, 'a', WORKBENCH_NAME_BYTES);
  if (!strcmp(lie, "twice")) strcpy(plan->parameters[1]->name, "weight_0");
  if (!strcmp(lie, "shape")) plan->parameters[0]->shape.extents[0] = UINT64_MAX;
  if (!strcmp(lie, "initializer")) plan->parameters[0]->initializer = 17;
  if (!strcmp(lie, "fans")) plan->parameters[0]->initializer = WORKBENCH_HE_UNIFORM;
  if (!strcmp(lie, "value")) plan->parameters[0]->initial_value = NAN;
  if (!strcmp(lie, "l2")) plan->parameters[0]->l2 = -1;
  if (!strcmp(lie, "saved")) plan->saved_bytes = UINT64_MAX;
  if (!strcmp(lie, "workspace")) plan->workspace_bytes = UINT64_MAX - 3;
  if (!strcmp(lie, "persistent")) plan->persistent_bytes = (uint64_t)1 << 60;
  if (!strcmp(lie, "identity")) {
    plan->output.rank = 1;
    plan->output.extents[0] = workbench_count(request->inputs[0]) + 1;
    plan->flags = WORKBENCH_IS_IDENTITY;
  }
  if (!strcmp(lie, "batch")) plan->parameters[0]->shape.extents[0] = request->maximum_batch;
  return WORKBENCH_OK;
}

const workbench_layer_type lying_layer = {
    .struct_size = sizeof(workbench_layer_type), .name = "test_lying", .help = "plans what cannot be",
    .option_count = 1, .minimum_inputs = 1, .maximum_inputs = 1, .options = lying_options,
    .plan = lying_plan, .forward = failing_forward, .backward = failing_backward};
