#include "database.h"
#include "draw.h"
#include "options.h"
#include "random.h"

size_t fractals_workspace_bytes(const fractals_database *database) { return canvas_bytes(&database->options); }

size_t fractals_picture_bytes(const fractals_database *database) {
  return (size_t)database->options.size * database->options.size * 3;
}

uint32_t fractals_view(const fractals_database *database, uint32_t sample, uint32_t epoch) {
  const fractals_options *options = &database->options;
  if (options->dimensions == 2 || sample >= options->categories) return 0;
  return random_below(random_at(random_key(options->seed, STREAM_VIEW, sample, epoch), 0), options->views);
}

/* The options of a picture of `size` pixels, not yet checked. */
static fractals_options sized(const fractals_database *database, uint32_t size) {
  fractals_options options = database->options;
  options.size = size;
  options.canvas = database->canvas;
  return options;
}

size_t fractals_shot_workspace_bytes(const fractals_database *database, uint32_t size) {
  fractals_options options = sized(database, size);
  return options_check(&options, (struct message){NULL, 0}) == FRACTALS_OK ? canvas_bytes(&options) : 0;
}

/* What is wrong with the arguments of fractals_shoot, if anything is. `*options` becomes those of the picture. */
static fractals_status check(const fractals_database *database, const fractals_shot *shot, const void *workspace,
                             size_t workspace_bytes, const uint8_t *picture, size_t picture_bytes,
                             fractals_options *options, struct message message) {
  *options = sized(database, shot->size);
  const fractals_status status = options_check(options, message);
  if (status != FRACTALS_OK) return status;
  const uint32_t views = options->dimensions == 2 ? 1 : options->views;
  if (shot->category >= options->categories) {
    return message_report(message, FRACTALS_OUT_OF_RANGE, "sample %u: the database has 0 ... %u",
                          (unsigned)shot->category, (unsigned)(options->categories - 1));
  }
  if (shot->view >= views) {
    return message_report(message, FRACTALS_OUT_OF_RANGE, "view %u: the database has 0 ... %u", (unsigned)shot->view,
                          (unsigned)(views - 1));
  }
  const size_t room = canvas_bytes(options), bytes = (size_t)options->size * options->size * 3;
  if (workspace == NULL || workspace_bytes < room) {
    return message_report(message, FRACTALS_INVALID_ARGUMENT, "workspace: %zu bytes needed, %zu given", room,
                          workspace == NULL ? 0 : workspace_bytes);
  }
  if (picture == NULL || picture_bytes < bytes) {
    return message_report(message, FRACTALS_INVALID_ARGUMENT, "picture: %zu bytes needed, %zu given", bytes,
                          picture == NULL ? 0 : picture_bytes);
  }
  return FRACTALS_OK;
}

fractals_status fractals_shoot(fractals_database *database, const fractals_shot *shot, void *workspace,
                               size_t workspace_bytes, uint8_t *picture, size_t picture_bytes, char *text,
                               size_t text_bytes) {
  const struct message message = {text, text_bytes};
  if (database == NULL) return message_report(message, FRACTALS_INVALID_ARGUMENT, "database: is NULL");
  if (shot == NULL) return message_report(message, FRACTALS_INVALID_ARGUMENT, "shot: is NULL");
  fractals_options options;
  fractals_status status =
      check(database, shot, workspace, workspace_bytes, picture, picture_bytes, &options, message);
  if (status != FRACTALS_OK) return status;
  const uint32_t category = shot->category;
  fractals_system system;
  status = database_find(database, category, &system, message);
  if (status != FRACTALS_OK) return status;

  const struct canvas canvas = canvas_make(&options, workspace);
  if (options.dimensions == 3) {
    draw_points_3d(&canvas, &options, &system, category, shot->view);
  } else if (options.style == FRACTALS_POINTS) {
    draw_points_2d(&canvas, &options, &system, category);
  } else {
    const uint64_t key = random_key(options.seed, STREAM_PATCHES, category, shot->patches);
    draw_patches_2d(&canvas, &options, &system, category, key);
  }
  const uint64_t coins = random_at(random_key(options.seed, STREAM_FLIPS, category, shot->coins), 0);
  const struct flips flips = {.horizontal = options.flips && (coins & 1), .vertical = options.flips && (coins & 2)};
  canvas_finish(&canvas, options.size, flips, picture);
  return FRACTALS_OK;
}

fractals_status fractals_render_view(fractals_database *database, uint32_t sample, uint32_t view, uint32_t epoch,
                                     void *workspace, size_t workspace_bytes, uint8_t *picture, size_t picture_bytes,
                                     char *text, size_t text_bytes) {
  fractals_shot shot = {.category = sample, .view = view, .coins = epoch};
  if (database != NULL) {
    shot.size = database->options.size;
    shot.patches = database->options.redraw_patches ? epoch : 0;
  }
  return fractals_shoot(database, &shot, workspace, workspace_bytes, picture, picture_bytes, text, text_bytes);
}

fractals_status fractals_render(fractals_database *database, uint32_t sample, uint32_t epoch, void *workspace,
                                size_t workspace_bytes, uint8_t *picture, size_t picture_bytes, char *message,
                                size_t message_bytes) {
  const uint32_t view = database == NULL ? 0 : fractals_view(database, sample, epoch);
  return fractals_render_view(database, sample, view, epoch, workspace, workspace_bytes, picture, picture_bytes,
                              message, message_bytes);
}
