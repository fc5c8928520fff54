#ifndef BROKEN_PLUGINS_H
#define BROKEN_PLUGINS_H

// One plugin with a layer, a source, a codec and an override, all sound; WORKBENCH_BROKEN in the environment names the
// one thing that is wrong with it this time.

#include "workbench_plugin.h"

/// Whether this is what is wrong.
int broken(const char *defect);

/// Writes a sentence as plugins should, or as `broken("message_...")` says; returns the status.
workbench_status broken_refuse(workbench_status status, const char *sentence, char *message, size_t message_bytes);

const workbench_layers *broken_layers(void);
const workbench_sources *broken_sources(void);
const workbench_codecs *broken_codecs(void);
const workbench_overrides *broken_overrides(void);

#endif
