/* workbench_plugin.h: everything that a plugin of `workbench` needs. C11, also valid C++; no other header of workbench.
 *
 * A plugin is a shared library that exports one function, `workbench_plugin_main`. It may bring
 *
 *   layers       computations that recipes put into networks                  WORKBENCH_LAYERS
 *   sources      pictures with labels, from anywhere or drawn on demand       WORKBENCH_SOURCES
 *   codecs       readers of picture formats                                   WORKBENCH_CODECS
 *   overrides    faster kernels of built-in layers, for shapes they claim     WORKBENCH_OVERRIDES
 *
 * docs/plugins.md leads from nothing to a trained network; `workbench plugins new NAME --kind layer` writes a plugin
 * that builds; `workbench plugins check FILE` tests one.
 *
 * RULES
 *
 * Versions. WORKBENCH_PLUGIN_MAJOR changes when an old plugin can no longer be used; the host then refuses it with a
 *   sentence. Everything else grows at the end only: every struct begins with `struct_size`, which whoever makes the
 *   struct sets to the sizeof that it was compiled with. A field that was added after 1.0 may be read only where
 *   WORKBENCH_HAS says that it is there. Structs are passed by pointer, lists of structs as arrays of pointers, so that
 *   they can grow; workbench_shape alone, which stands within others, never does. Fields named `reserved` are 0.
 * Capabilities. What a plugin or host can do beyond this is asked for by a string id with a revision, like
 *   "workbench.layers/1". The answer NULL means "not supported", and is the answer to every id that one does not know.
 * Failures. Every call that can fail returns a workbench_status and, where that is not WORKBENCH_OK, writes a sentence
 *   for the user (UTF-8, no newline, ended by 0) of at most `message_bytes` bytes, the 0 included, to `message`. Nothing
 *   may throw, exit, abort or longjmp across this interface.
 * Memory. The host owns all of it: numbers, workspaces, pictures. What a plugin hands out (its tables and their
 *   strings) it keeps, unchanged, until the process ends. What the host hands out is valid during the call only, unless
 *   a comment says longer. The one thing that a plugin may own is the `state` of an open source.
 * Threads. [main]: called by one thread at a time, for all sources of the plugin together. [any]: by several threads at
 *   once. Each call stands on its own: no variable of the plugin may carry anything from one call to the next, except
 *   the `state` of a source.
 * Determinism. The same arguments give the same bytes, whatever the number of workers and the order of calls.
 * Strings are UTF-8. Names of plugins, layers, sources, codecs, options and parameters are [a-z][a-z0-9_]*, at most 63
 *   bytes. Arrays are float32, row-major, pictures [height, width, channels]; the batch axis stands in front and is no
 *   part of a shape. All arrays are aligned to 64 bytes, and none overlaps another unless a flag allows it.
 */
#ifndef WORKBENCH_PLUGIN_H
#define WORKBENCH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WORKBENCH_PLUGIN_MAJOR 1u
#define WORKBENCH_PLUGIN_MINOR 0u

#define WORKBENCH_EXPORT __attribute__((visibility("default")))

/* Whether `*pointer`, made by the other side, reaches as far as `field`. */
#define WORKBENCH_HAS(pointer, type, field) \
  ((pointer)->struct_size >= offsetof(type, field) + sizeof((pointer)->field))

#define WORKBENCH_RANK_MAX 8        /* axes of a shape */
#define WORKBENCH_NAME_BYTES 64     /* a name with its final 0 */
#define WORKBENCH_INPUTS_MAX 16     /* inputs of a layer */
#define WORKBENCH_PARAMETERS_MAX 32 /* parameter arrays of a layer */

typedef int32_t workbench_status;
enum {
  WORKBENCH_OK = 0,
  WORKBENCH_INVALID_OPTION = 1,   /* options that do not go together, or a value that the schema could not exclude */
  WORKBENCH_INVALID_SHAPE = 2,    /* a layer cannot take these shapes */
  WORKBENCH_OUT_OF_RANGE = 3,     /* no such sample or class */
  WORKBENCH_UNREADABLE = 4,       /* a file or service cannot be opened or read */
  WORKBENCH_TRUNCATED = 5,        /* data end too early */
  WORKBENCH_CORRUPT = 6,          /* data contradict themselves */
  WORKBENCH_UNSUPPORTED = 7,      /* understood, but not done here; of an override: this shape is not claimed */
  WORKBENCH_OUT_OF_MEMORY = 8,
  WORKBENCH_FAILED = 9            /* anything else */
};

/* ---- Options: declared once, checked by the host, shown in documentation and editors ---------------------------- */

typedef enum workbench_option_kind {
  WORKBENCH_BOOLEAN = 1,
  WORKBENCH_INTEGER = 2,
  WORKBENCH_NUMBER = 3,
  WORKBENCH_STRING = 4,
  WORKBENCH_CHOICE = 5,   /* one of the words of `choices` */
  WORKBENCH_INTEGERS = 6, /* a list; the range holds for each element */
  WORKBENCH_NUMBERS = 7   /* a list; the range holds for each element */
} workbench_option_kind;

/* How an option is set when a recipe does not set it. */
typedef enum workbench_option_default {
  WORKBENCH_NO_DEFAULT = 0, /* it is then unset */
  WORKBENCH_DEFAULT = 1,    /* as the `default_...` field of its kind says */
  WORKBENCH_REQUIRED = 2    /* the recipe must set it */
} workbench_option_default;

/* One option. Recipes that worked must go on working: options may be added, none removed or narrowed. */
typedef struct workbench_option {
  uint32_t struct_size;
  int32_t kind; /* workbench_option_kind */
  const char *name;
  const char *help; /* one line, with units */
  int32_t presence; /* workbench_option_default */
  uint32_t choice_count;
  const char *const *choices;   /* WORKBENCH_CHOICE */
  double minimum;               /* closed bounds of numbers; -INFINITY and INFINITY for none. Both 0: no bounds. */
  double maximum;
  int64_t default_integer;      /* WORKBENCH_BOOLEAN: 0 or 1; WORKBENCH_INTEGER */
  double default_number;        /* WORKBENCH_NUMBER */
  const char *default_string;   /* WORKBENCH_STRING, WORKBENCH_CHOICE */
  const double *default_list;   /* WORKBENCH_INTEGERS, WORKBENCH_NUMBERS */
  uint32_t default_list_count;
  uint32_t reserved;
} workbench_option;

/* The value of one option: of its kind, within its range. */
typedef struct workbench_value {
  uint32_t struct_size;
  int32_t kind;         /* workbench_option_kind; 0 when the option is unset */
  const char *name;
  int64_t integer;      /* WORKBENCH_BOOLEAN: 0 or 1; WORKBENCH_INTEGER */
  double number;        /* WORKBENCH_NUMBER; also set for WORKBENCH_INTEGER */
  const char *string;   /* WORKBENCH_STRING, WORKBENCH_CHOICE */
  const double *list;   /* WORKBENCH_INTEGERS, WORKBENCH_NUMBERS */
  uint64_t list_count;
} workbench_value;

/* All values, in the order of the schema. For a built-in layer (overrides) look them up by name. */
typedef struct workbench_options {
  uint32_t struct_size;
  uint32_t count;
  const workbench_value *const *values;
} workbench_options;

/* The value of that name, or NULL. */
static inline const workbench_value *workbench_find(const workbench_options *options, const char *name) {
  for (uint32_t i = 0; i < options->count; i++) {
    const char *a = options->values[i]->name, *b = name;
    while (*a && *a == *b) a++, b++;
    if (*a == *b) return options->values[i];
  }
  return NULL;
}

/* ---- Host ------------------------------------------------------------------------------------------------------- */

/* What runs the plugin. Valid until the process ends. */
typedef struct workbench_host {
  uint32_t struct_size;
  uint32_t abi_major; /* WORKBENCH_PLUGIN_MAJOR that the host was compiled with */
  uint32_t abi_minor;
  uint32_t reserved;
  const char *name;    /* "workbench" */
  const char *version; /* "0.4.0" */
  /* [any] What the host offers beyond this header, or NULL: WORKBENCH_HOST_LOG, ... */
  const void *(*capability)(const struct workbench_host *host, const char *id);
} workbench_host;

#define WORKBENCH_HOST_LOG "workbench.host.log/1"
typedef struct workbench_host_log {
  uint32_t struct_size;
  uint32_t reserved;
  /* [any] Shows the user one line, without a newline at its end. Copied. */
  void (*note)(const workbench_host *host, const char *line);
} workbench_host_log;

/* ---- Plugin ----------------------------------------------------------------------------------------------------- */

typedef struct workbench_plugin {
  uint32_t struct_size;
  uint32_t abi_major; /* WORKBENCH_PLUGIN_MAJOR */
  uint32_t abi_minor; /* WORKBENCH_PLUGIN_MINOR */
  uint32_t reserved;
  const char *id;      /* what recipes ask for: wb.plugin "gem_pooling"; the file is <id>.so or lib<id>.so */
  const char *version; /* "1.2.0" (semver.org); stored in every model that uses a layer of the plugin */
  const char *help;    /* one line */
  const char *author;  /* NULL or who answers for it */
  const char *license; /* NULL or an SPDX id */
  const char *url;     /* NULL or where more is to be read */
  /* [any] What the plugin brings: a pointer to the struct that belongs to the id, or NULL for every other id. */
  const void *(*capability)(const struct workbench_plugin *plugin, const char *id);
} workbench_plugin;

/* [main] The one exported function, called once after loading. NULL: the plugin cannot be used on this machine; then
 * `message` says why. The host checks the version; a plugin that needs a newer host compares host->abi_minor. */
WORKBENCH_EXPORT const workbench_plugin *workbench_plugin_main(const workbench_host *host, char *message,
                                                               size_t message_bytes);

/* ---- Layers ----------------------------------------------------------------------------------------------------- */

typedef struct workbench_shape {
  uint32_t struct_size;
  uint32_t rank;                      /* 0 ... WORKBENCH_RANK_MAX */
  uint64_t extents[WORKBENCH_RANK_MAX]; /* outermost first; each 1 or more */
} workbench_shape;

/* Numbers in one example of this shape. */
static inline uint64_t workbench_count(const workbench_shape *shape) {
  uint64_t count = 1;
  for (uint32_t i = 0; i < shape->rank; i++) count *= shape->extents[i];
  return count;
}

typedef enum workbench_initializer {
  WORKBENCH_CONSTANT = 0,       /* `initial_value` everywhere */
  WORKBENCH_GLOROT_UNIFORM = 1, /* uniform in +-sqrt(6 / (fan_in + fan_out)) */
  WORKBENCH_HE_NORMAL = 2,      /* normal with variance 2 / fan_in */
  WORKBENCH_HE_UNIFORM = 3,     /* uniform in +-sqrt(6 / fan_in) */
  WORKBENCH_NORMAL = 4          /* normal with the deviation `initial_value`, whatever the fans */
} workbench_initializer;

/* One array of parameters, filled by `plan`. */
typedef struct workbench_parameter {
  uint32_t struct_size;
  uint32_t flags;                  /* WORKBENCH_NOT_TRAINABLE, WORKBENCH_NO_WEIGHT_DECAY */
  char name[WORKBENCH_NAME_BYTES]; /* the model file calls it <layer's name>.<name> */
  workbench_shape shape;           /* struct_size is set by the host */
  int32_t initializer;             /* workbench_initializer */
  float initial_value;
  uint64_t fan_in;                 /* 1 or more for initialisers that scale with it */
  uint64_t fan_out;
  float l2;                        /* factor of the sum of squares in the loss; 0 for none */
  uint32_t reserved;
} workbench_parameter;
/* No optimizer touches it, and it has no gradient: running statistics, which `forward` writes in training. */
#define WORKBENCH_NOT_TRAINABLE 1u
/* Optimizers with decoupled weight decay (AdamW) leave it out. */
#define WORKBENCH_NO_WEIGHT_DECAY 2u

/* For which shapes and for what a layer is planned. Handed to `plan`; the same pointer's contents to every later call. */
typedef struct workbench_layer_request {
  uint32_t struct_size;
  uint32_t input_count;
  const workbench_shape *const *inputs; /* of one example each */
  const workbench_options *options;     /* checked against the schema, defaults filled in */
  uint32_t maximum_batch;               /* 1 or more */
  uint32_t worker_count;                /* `worker` of parallel_for is below this; must not change results */
  uint32_t is_training;                 /* 1: `backward` follows `forward`; random layers are random */
  uint32_t needs_input_gradient;        /* 0: nothing before this layer learns, all input gradients will be NULL */
} workbench_layer_request;

/* What `plan` answers. Zeroed by the host but for sizes and pointers. The output shape and the parameters must depend on
 * input shapes and options alone. */
typedef struct workbench_layer_plan {
  uint32_t struct_size;
  uint32_t flags;                   /* WORKBENCH_READS_INPUTS, ... */
  workbench_shape output;           /* of one example; struct_size is set by the host */
  uint32_t parameter_count;         /* at most WORKBENCH_PARAMETERS_MAX */
  uint32_t reserved;
  workbench_parameter *const *parameters; /* WORKBENCH_PARAMETERS_MAX of them, the host's, to be filled in */
  uint64_t saved_bytes;      /* kept from `forward` to the same step's `backward`; for maximum_batch examples */
  uint64_t workspace_bytes;  /* scratch during one call; for maximum_batch examples and worker_count workers */
  uint64_t persistent_bytes; /* kept as long as the plan; filled by `prepare`: packed weights */
  uint64_t flops;            /* of one example's forward pass; a multiply-add counts as two */
} workbench_layer_plan;
/* `backward` reads the inputs, the output: the host keeps them; others may be gone by then, and are NULL. */
#define WORKBENCH_READS_INPUTS 1u
#define WORKBENCH_READS_OUTPUT 2u
/* `output` may be the memory of inputs[0] in `forward` (same number of elements). */
#define WORKBENCH_FORWARD_IN_PLACE 4u
/* input_gradients[0] may be the memory of `output_gradient` in `backward`. */
#define WORKBENCH_BACKWARD_IN_PLACE 8u
/* input_gradients[0] may be the memory of inputs[0] in `backward`. */
#define WORKBENCH_OVERWRITES_INPUT 16u
/* For this request the output is inputs[0], number for number: the host need not call. */
#define WORKBENCH_IS_IDENTITY 32u

/* The memory of one call. All arrays are `batch` examples one after the other. */
typedef struct workbench_layer_call {
  uint32_t struct_size;
  uint32_t batch; /* 1 ... maximum_batch */
  const workbench_layer_request *request;
  const float *const *inputs;
  float *output;            /* `forward` writes every element */
  float *const *parameters; /* in the order of the plan; only those that are not trainable may be written */
  void *saved;              /* NULL where the plan asked for 0 bytes; the same holds for the next two */
  void *workspace;
  void *persistent;
  /* backward only */
  float *output_gradient;               /* may be overwritten */
  float *const *input_gradients;        /* one an input, NULL where nobody wants it; write (do not add to) the others */
  float *const *parameter_gradients;    /* one a parameter, NULL where nobody wants it; the sum over the batch */
  /* Random layers: numbers must follow from these two alone. */
  uint64_t random_key;     /* from seed, epoch and the layer's name */
  const uint64_t *samples; /* `batch` numbers: which example of its data set each one is; NULL outside of training */
  /* [any, from the thread that `forward` or `backward` runs on] Calls body(context, index, worker) for every index
   * below `count`, on all workers, and returns when all are done. `worker` < worker_count tells which part of the
   * workspace nobody else uses. Not to be called from a body. Let `count` and what an index does depend on shapes alone,
   * and add partial sums in the order of indices: then results do not depend on the number of workers. */
  void (*parallel_for)(const struct workbench_layer_call *call, uint64_t count,
                       void (*body)(void *context, uint64_t index, uint32_t worker), void *context);
  void *host_data; /* the host's */
} workbench_layer_call;

typedef workbench_status (*workbench_layer_function)(const workbench_layer_call *call, char *message,
                                                     size_t message_bytes);

/* One kind of layer. Recipes call wb.<name> { ... }. */
typedef struct workbench_layer_type {
  uint32_t struct_size;
  uint32_t flags; /* WORKBENCH_INFERENCE_ONLY, WORKBENCH_IS_RANDOM */
  const char *name;
  const char *help; /* one line: what it computes */
  uint32_t option_count;
  uint32_t minimum_inputs; /* 1 or more */
  uint32_t maximum_inputs;
  uint32_t reserved;
  const workbench_option *const *options;
  /* [any] Shapes and memory for a request; no numbers yet. Called often: must be quick. */
  workbench_status (*plan)(const struct workbench_layer_type *type, const workbench_layer_request *request,
                           workbench_layer_plan *plan, char *message, size_t message_bytes);
  /* [any; one at a time for one `persistent`] NULL, or called after the parameters changed, before the next `forward`:
   * fills `persistent`. Of the call only request, parameters, persistent, workspace and parallel_for are there. */
  workbench_layer_function prepare;
  /* [any; one at a time for one `workspace`] inputs, parameters -> output, saved */
  workbench_layer_function forward;
  /* [any; one at a time for one `workspace`] output_gradient, inputs?, output?, saved, parameters
   * -> input_gradients, parameter_gradients. NULL when WORKBENCH_INFERENCE_ONLY. */
  workbench_layer_function backward;
} workbench_layer_type;
/* Has no `backward`: such a layer can be used in trained networks and before everything that learns. */
#define WORKBENCH_INFERENCE_ONLY 1u
/* Does something else in training even where nothing learns: drops, crops, adds noise. */
#define WORKBENCH_IS_RANDOM 2u

#define WORKBENCH_LAYERS "workbench.layers/1"
typedef struct workbench_layers {
  uint32_t struct_size;
  uint32_t count;
  const workbench_layer_type *const *types;
} workbench_layers;

/* ---- Kernel overrides ------------------------------------------------------------------------------------------- */

/* A faster computation of a built-in layer. It must give what the built-in gives, up to rounding: the conformance run
 * compares the two. An overridden layer is not fused with its neighbours. */
typedef struct workbench_override_type {
  uint32_t struct_size;
  uint32_t reserved;
  const char *name;  /* of the override, for messages and `workbench plugins list` */
  const char *help;
  const char *layer; /* the built-in layer: "conv2d" */
  /* [any] Claims a request: fills in the plan but for `output` and parameters, which are set as the built-in has them.
   * WORKBENCH_UNSUPPORTED: the built-in computes this one. */
  workbench_status (*claim)(const struct workbench_override_type *type, const workbench_layer_request *request,
                            workbench_layer_plan *plan, char *message, size_t message_bytes);
  workbench_layer_function prepare;  /* as in workbench_layer_type */
  workbench_layer_function forward;
  workbench_layer_function backward; /* NULL: then requests with is_training are not offered */
} workbench_override_type;

#define WORKBENCH_OVERRIDES "workbench.overrides/1"
typedef struct workbench_overrides {
  uint32_t struct_size;
  uint32_t count;
  const workbench_override_type *const *types;
} workbench_overrides;

/* ---- Data sources ----------------------------------------------------------------------------------------------- */

typedef struct workbench_source_request {
  uint32_t struct_size;
  uint32_t reserved;
  const workbench_options *options; /* checked against the schema, defaults filled in */
  const char *folder;               /* what relative paths among the options are relative to */
} workbench_source_request;

/* What `open` answers. Zeroed by the host but for struct_size. */
typedef struct workbench_source_info {
  uint32_t struct_size;
  uint32_t flags;           /* WORKBENCH_THREAD_SAFE, ... */
  uint64_t count;           /* samples, 0 ..< count */
  uint32_t class_count;     /* 1 or more */
  uint32_t reserved;
  uint64_t workspace_bytes; /* scratch of one `read`, the host's */
  void *state;              /* the plugin's: what the other calls get; freed by `close` */
} workbench_source_info;
/* `read` and `describe` may be called by several threads at once, each with its own workspace. */
#define WORKBENCH_THREAD_SAFE 1u
/* A sample looks different in different epochs: the host must not keep the pixels of one for another. */
#define WORKBENCH_VARIES_BY_EPOCH 2u

#define WORKBENCH_SAMPLE_TEXT_BYTES 256

/* One sample without its pixels. Zeroed by the host but for struct_size. */
typedef struct workbench_sample {
  uint32_t struct_size;
  int32_t label;                          /* 0 ..< class_count; -1: not known */
  char name[WORKBENCH_SAMPLE_TEXT_BYTES]; /* for tables and messages; empty: the host calls it by its number */
  char group[WORKBENCH_SAMPLE_TEXT_BYTES]; /* samples of one group (one plant, one collector) must not be divided between
                                              training and test; empty: a group of its own */
  int32_t split;                          /* workbench_split */
  uint32_t reserved;
} workbench_sample;

typedef enum workbench_split {
  WORKBENCH_SPLIT_NONE = 0, /* the recipe divides the samples */
  WORKBENCH_SPLIT_TRAIN = 1,
  WORKBENCH_SPLIT_VALIDATION = 2,
  WORKBENCH_SPLIT_TEST = 3
} workbench_split;

typedef enum workbench_sample_format {
  WORKBENCH_ENCODED = 1, /* a picture file in any format that the host reads: JPEG, PNG, TIFF, WebP, ... */
  WORKBENCH_RGB = 2      /* [height, width, 3] bytes */
} workbench_sample_format;

/* One reading of one sample. */
typedef struct workbench_read {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t sample;
  uint64_t epoch;            /* from 0; 0 outside of training */
  uint32_t preferred_width;  /* pixels that the network wants; a source that draws may draw so. 0: no preference. */
  uint32_t preferred_height;
  void *workspace;
  /* Memory of the host for the sample's bytes, `bytes` of them; call it at most once. NULL: no memory. */
  void *(*reserve)(struct workbench_read *read, uint64_t bytes);
  void *host_data; /* the host's */
  /* To be set: */
  int32_t format;  /* workbench_sample_format */
  uint32_t width;  /* WORKBENCH_RGB */
  uint32_t height;
  uint32_t reserved_2;
} workbench_read;

/* One kind of data source. Recipes call wb.data.<name> { ... } with its own options and those that all data have. An own
 * option must not be called size, decoder, dct_scaling, resize, fit, pad_colour, rounded, range, split, resplit, augment
 * or duplicates: such a plugin is refused. Options that later hosts give to all data give way to a source's own. */
typedef struct workbench_source_type {
  uint32_t struct_size;
  uint32_t reserved;
  const char *name;
  const char *help;
  uint32_t option_count;
  uint32_t reserved_2;
  const workbench_option *const *options;
  /* [any] Opens; several may be open at once. When it fails, there is nothing to close. */
  workbench_status (*open)(const struct workbench_source_type *type, const workbench_source_request *request,
                           workbench_source_info *info, char *message, size_t message_bytes);
  /* [main] Frees `state`; no other call on it is running or will come. */
  void (*close)(const struct workbench_source_type *type, void *state);
  /* [main] The name of class `index` < class_count into `name` of `name_bytes`, ended by 0; no two are equal. */
  workbench_status (*class_name)(const struct workbench_source_type *type, void *state, uint32_t index, char *name,
                                 size_t name_bytes, char *message, size_t message_bytes);
  /* [main, or any if WORKBENCH_THREAD_SAFE] Label, group, split; quick: it is called for every sample at the start. */
  workbench_status (*describe)(const struct workbench_source_type *type, void *state, uint64_t sample,
                               workbench_sample *description, char *message, size_t message_bytes);
  /* [main, or any if WORKBENCH_THREAD_SAFE] The picture. A failure names one sample and does not end a run. */
  workbench_status (*read)(const struct workbench_source_type *type, void *state, workbench_read *read, char *message,
                           size_t message_bytes);
} workbench_source_type;

#define WORKBENCH_SOURCES "workbench.sources/1"
typedef struct workbench_sources {
  uint32_t struct_size;
  uint32_t count;
  const workbench_source_type *const *types;
} workbench_sources;

/* ---- Codecs ----------------------------------------------------------------------------------------------------- */

/* What `header` answers. Zeroed by the host but for struct_size. */
typedef struct workbench_picture {
  uint32_t struct_size;
  uint32_t width; /* pixels, before `orientation`; the host refuses what is too large before any is decoded */
  uint32_t height;
  uint32_t orientation;     /* EXIF 1 ... 8, which the host applies; 0 = 1 */
  uint64_t workspace_bytes; /* scratch of `decode` */
} workbench_picture;

/* One picture format that the host does not read itself. */
typedef struct workbench_codec_type {
  uint32_t struct_size;
  uint32_t extension_count;
  const char *name; /* "farbfeld" */
  const char *help;
  const char *const *extensions; /* "ff": endings by which folders are searched, lower case, without the dot */
  /* [any] Whether a file that begins with these bytes (the first 64, or all) is of this format: 1 or 0. Asked only for
   * files that no format of the host begins with. */
  int32_t (*recognises)(const struct workbench_codec_type *type, const uint8_t *bytes, uint64_t count);
  /* [any] The size, from the whole file's bytes. */
  workbench_status (*header)(const struct workbench_codec_type *type, const uint8_t *bytes, uint64_t count,
                             workbench_picture *picture, char *message, size_t message_bytes);
  /* [any] Writes all width * height * 3 bytes of `rgb`, [height, width, 3], transparency laid on white. Bytes may be
   * damaged on purpose: never read beyond `count`. */
  workbench_status (*decode)(const struct workbench_codec_type *type, const uint8_t *bytes, uint64_t count,
                             const workbench_picture *picture, uint8_t *rgb, void *workspace, char *message,
                             size_t message_bytes);
} workbench_codec_type;

#define WORKBENCH_CODECS "workbench.codecs/1"
typedef struct workbench_codecs {
  uint32_t struct_size;
  uint32_t count;
  const workbench_codec_type *const *types;
} workbench_codecs;

#ifdef __cplusplus
}
#endif

#endif
