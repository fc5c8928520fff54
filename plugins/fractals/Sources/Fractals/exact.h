/* exact.h: arithmetic as written.
 *
 * Fusing a multiplication with an addition rounds once instead of twice: machines that can do it would walk through
 * other orbits. Clang is told here; GCC needs -ffp-contract=off (see the Makefile), it ignores the pragma. */
#ifndef FRACTALS_EXACT_H
#define FRACTALS_EXACT_H

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#endif
