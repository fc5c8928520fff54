#pragma once
#include <zlib.h>

/// inflateInit, which is a macro.
static inline int workbench_inflate_init(z_stream *stream) { return inflateInit(stream); }
