/* gallery-tool: a contact sheet of categories as a PPM file on the standard output.
 *
 *   gallery-tool DIMENSIONS points|patches|views gray|colour FIRST [SIZE [COLUMNS [ROWS [CANVAS]]]]
 *
 * With `views`, every row of the sheet is one category and every column a view. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fractals.h"

enum { GAP = 4 };

static int fail(const char *message) {
  fprintf(stderr, "gallery-tool: %s\n", message);
  return 1;
}

int main(int count, char **arguments) {
  if (count < 5) return fail("usage: gallery-tool 2|3 points|patches|views gray|colour FIRST [SIZE COLUMNS ROWS CANVAS]");
  const uint32_t numbers[4] = {224, 6, 4, 0};
  uint32_t layout[4];
  for (int i = 0; i < 4; i++) layout[i] = count > 5 + i ? (uint32_t)strtoul(arguments[5 + i], NULL, 10) : numbers[i];
  const uint32_t size = layout[0], columns = layout[1], rows = layout[2];
  const uint32_t first = (uint32_t)strtoul(arguments[4], NULL, 10);
  const bool views = strcmp(arguments[2], "views") == 0;

  fractals_options options = fractals_default_options((uint32_t)strtoul(arguments[1], NULL, 10));
  options.categories = FRACTALS_CATEGORIES_MAX;
  options.style = strcmp(arguments[2], "patches") == 0 ? FRACTALS_PATCHES : FRACTALS_POINTS;
  options.colour = strcmp(arguments[3], "colour") == 0;
  options.size = size;
  options.canvas = layout[3];
  if (views) options.views = columns;

  char message[256];
  fractals_database *database;
  if (fractals_open(&options, &database, message, sizeof message) != FRACTALS_OK) return fail(message);
  const size_t width = (size_t)columns * (size + GAP) + GAP, height = (size_t)rows * (size + GAP) + GAP;
  const size_t workspace_bytes = fractals_workspace_bytes(database), picture_bytes = fractals_picture_bytes(database);
  uint8_t *sheet = malloc(width * height * 3), *picture = malloc(picture_bytes);
  void *workspace = malloc(workspace_bytes);
  if (sheet == NULL || picture == NULL || workspace == NULL) return fail("no memory");
  memset(sheet, 64, width * height * 3);

  for (uint32_t tile = 0; tile < columns * rows; tile++) {
    const uint32_t column = tile % columns, row = tile / columns;
    const uint32_t category = first + (views ? row : tile), view = views ? column : 0;
    if (fractals_render_view(database, category, view, 0, workspace, workspace_bytes, picture, picture_bytes, message,
                             sizeof message) != FRACTALS_OK) {
      return fail(message);
    }
    uint8_t *corner = sheet + ((GAP + row * (size_t)(size + GAP)) * width + GAP + column * (size_t)(size + GAP)) * 3;
    for (uint32_t y = 0; y < size; y++) memcpy(corner + y * width * 3, picture + (size_t)y * size * 3, size * 3);
  }
  printf("P6\n%zu %zu\n255\n", width, height);
  fwrite(sheet, 3, width * height, stdout);
  free(sheet);
  free(picture);
  free(workspace);
  fractals_close(database);
  return ferror(stdout) ? fail("cannot write") : 0;
}
