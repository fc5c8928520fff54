#include "palette.h"

#include <string.h>

void palette_build(uint32_t colours[PALETTE_COLOURS]) {
  const double value = 0.75 * 255, saturation = 0.75;
  for (int i = 0; i < PALETTE_COLOURS; i++) {
    const int sextant = 6 * i / PALETTE_COLOURS;
    const double fraction = 6.0 * i / (double)PALETTE_COLOURS - sextant;
    const uint8_t high = (uint8_t)value;
    const uint8_t low = (uint8_t)(value * (1 - saturation));
    const uint8_t falling = (uint8_t)(value * (1 - saturation * fraction));
    const uint8_t rising = (uint8_t)(value * (1 - saturation * (1 - fraction)));
    const uint8_t table[6][4] = {{high, rising, low, 0}, {falling, high, low, 0}, {low, high, rising, 0},
                                 {low, falling, high, 0}, {rising, low, high, 0}, {high, low, falling, 0}};
    memcpy(&colours[i], table[sextant], 4);
  }
}
