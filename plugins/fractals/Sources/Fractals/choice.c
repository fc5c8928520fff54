#include "choice.h"

void choice_build(const double *probability, uint32_t count, struct choice *choice) {
  double share[CHOICE_SLOTS]; /* in slots: the mean is 1 */
  uint32_t small[CHOICE_SLOTS], large[CHOICE_SLOTS];
  uint32_t smalls = 0, larges = 0;
  for (uint32_t i = 0; i < CHOICE_SLOTS; i++) {
    share[i] = i < count ? probability[i] * (double)CHOICE_SLOTS : 0;
    if (share[i] < 1) {
      small[smalls++] = i;
    } else {
      large[larges++] = i;
    }
  }
  while (smalls > 0 && larges > 0) {
    const uint32_t slot = small[--smalls], donor = large[larges - 1];
    choice->cut[slot] = (uint32_t)(share[slot] * 0x1p29);
    choice->thing[2 * slot] = (uint8_t)(slot < count ? slot : donor);
    choice->thing[2 * slot + 1] = (uint8_t)donor;
    share[donor] -= 1 - share[slot];
    if (share[donor] < 1) {
      larges--;
      small[smalls++] = donor;
    }
  }
  /* What is left has a share of 1 up to rounding, unless it is an unused slot that rounding has robbed of its
   * donor; that one must not choose a map that does not exist. */
  while (larges > 0 || smalls > 0) {
    const uint32_t slot = larges > 0 ? large[--larges] : small[--smalls];
    const uint8_t thing = (uint8_t)(slot < count ? slot : 0);
    choice->cut[slot] = UINT32_C(1) << 29;
    choice->thing[2 * slot] = thing;
    choice->thing[2 * slot + 1] = thing;
  }
}
