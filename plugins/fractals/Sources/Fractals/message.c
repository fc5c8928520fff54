#include "message.h"

#include <stdarg.h>
#include <stdio.h>

fractals_status message_report(struct message message, fractals_status status, const char *format, ...) {
  if (message.text != NULL) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message.text, message.bytes, format, arguments);
    va_end(arguments);
  }
  return status;
}
