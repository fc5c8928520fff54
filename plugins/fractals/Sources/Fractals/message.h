/* message.h: a status together with the sentence that explains it. */
#ifndef FRACTALS_MESSAGE_H
#define FRACTALS_MESSAGE_H

#include "fractals.h"

/* Where a caller wants the sentence; `text` may be NULL. */
struct message {
  char *text;
  size_t bytes;
};

/* Writes the sentence, cut to the buffer, and returns `status`. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
fractals_status message_report(struct message message, fractals_status status, const char *format, ...);

#endif
