/* bench: categories found and pictures drawn per second of processor time, on one core. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fractals.h"

static double seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

static int run(const char *name, fractals_options options, uint32_t categories) {
  char message[256];
  fractals_database *database;
  options.categories = categories;
  if (fractals_open(&options, &database, message, sizeof message)) return fprintf(stderr, "%s\n", message);
  const size_t workspace_bytes = fractals_workspace_bytes(database), picture_bytes = fractals_picture_bytes(database);
  void *workspace = malloc(workspace_bytes);
  uint8_t *picture = malloc(picture_bytes);
  if (workspace == NULL || picture == NULL) return fprintf(stderr, "no memory\n");
  double start = seconds();
  uint64_t tries = 0;
  for (uint32_t k = 0; k < categories; k++) {
    fractals_system system;
    if (fractals_find(database, k, &system, message, sizeof message)) return fprintf(stderr, "%s\n", message);
    tries += system.tries;
  }
  const double searching = seconds() - start;
  start = seconds();
  uint32_t pictures = 0;
  double drawing = 0;
  while (drawing < 1) {
    for (uint32_t k = 0; k < 50; k++, pictures++) {
      if (fractals_render(database, pictures % categories, pictures, workspace, workspace_bytes, picture,
                          picture_bytes, message, sizeof message)) {
        return fprintf(stderr, "%s\n", message);
      }
    }
    drawing = seconds() - start;
  }
  printf("%-34s %6.0f categories/s (%.1f candidates each)  %6.0f pictures/s at %u px\n", name, categories / searching,
         (double)tries / categories, pictures / drawing, (unsigned)options.size);
  free(workspace);
  free(picture);
  fractals_close(database);
  return 0;
}

int main(void) {
  fractals_options two = fractals_default_options(2), three = fractals_default_options(3);
  int failures = run("2D patches, canvas 512", two, 300);
  two.style = FRACTALS_POINTS;
  failures += run("2D points, canvas 512", two, 300);
  two.canvas = two.size;
  failures += run("2D points, canvas 224", two, 300);
  two.canvas = 0, two.colour = true, two.style = FRACTALS_PATCHES;
  failures += run("2D patches in colour, canvas 512", two, 300);
  failures += run("3D points", three, 1000);
  three.colour = true;
  failures += run("3D points in colour", three, 1000);
  return failures != 0;
}
