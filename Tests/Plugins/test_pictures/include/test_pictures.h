// What the two halves of the plugin know of each other.

#ifndef TEST_PICTURES_H
#define TEST_PICTURES_H

#include "workbench_plugin.h"

// Writes a sentence for the user, and gives the status back.
workbench_status test_fail(workbench_status status, char *message, size_t message_bytes, const char *text);

extern const workbench_codec_type test_codec;
extern const workbench_source_type test_source;

#endif
