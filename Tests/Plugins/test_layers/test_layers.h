/* What the files of the plugin `test_layers` share: the layers that the tests of the host load. */
#ifndef TEST_LAYERS_H
#define TEST_LAYERS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workbench_plugin.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))

extern const workbench_layer_type copy_layer, identity_layer, affine_layer, packed_layer, noise_layer, threshold_layer,
    running_layer, sum_layer, failing_layer, lying_layer;

/* Writes a sentence and gives the status back. */
static inline workbench_status fail(workbench_status status, char *message, size_t bytes, const char *text) {
  snprintf(message, bytes, "%s", text);
  return status;
}

/* Numbers in one example of the first input. */
static inline uint64_t input_count(const workbench_layer_call *call) { return workbench_count(call->request->inputs[0]); }

static inline void keep_shape(const workbench_layer_request *request, workbench_layer_plan *plan) {
  plan->output = *request->inputs[0];
}

#endif
