/* options.h: checks what the caller asks for. */
#ifndef FRACTALS_OPTIONS_H
#define FRACTALS_OPTIONS_H

#include "message.h"

/* Says which option is wrong and what would be right; makes a `canvas` of 0 explicit. */
fractals_status options_check(fractals_options *options, struct message message);

#endif
