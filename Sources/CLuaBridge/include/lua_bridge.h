// The only door between Lua and Swift.
//
// Lua raises errors by longjmp, which must never cross a Swift frame. So Swift never sees a lua_State:
//
//     recipe --> C function of this room --> dispatch (Swift) --> returns a status --> this room pushes or raises
//     Swift  --> wbl_call                --> lua_pcall        --> hook in Lua      --> status, result
//
// What passes is a tree of tagged values, copied both ways. Arguments belong to this room and are valid during
// the call only. A result or message that Swift fills in belongs to this room from then on; values that wbl_call hands out
// are freed by the caller with wbl_free. All calls must come from the thread that opened the state.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct wbl_state wbl_state;

enum {
  WBL_NIL = 0,
  WBL_BOOLEAN = 1,   // integer: 0 or 1
  WBL_INTEGER = 2,   // integer
  WBL_NUMBER = 3,    // number
  WBL_STRING = 4,    // bytes, count; a zero stands behind the last byte
  WBL_TABLE = 5,     // keys, values, count; integer keys ascending, then string keys in byte order
  WBL_FUNCTION = 6,  // integer: a number for wbl_call; valid as long as the state
  WBL_OBJECT = 7,    // integer: Swift's handle; object_kind: as given to wbl_define_kind
  WBL_SHARED = 8,    // to Lua only. integer: the table of that number, not a copy: what Lua writes into it stays
};

typedef struct wbl_value {
  int32_t kind;
  int32_t object_kind;
  int64_t integer;
  double number;
  char *bytes;
  size_t count;
  struct wbl_value *keys;
  struct wbl_value *values;
} wbl_value;

// What dispatch is asked, besides the operations that wbl_define and wbl_define_method name (0 and up).
enum {
  WBL_GET = -1,       // object, key: a property
  WBL_APPLY = -2,     // object, arguments...: object(...)
  WBL_ADD = -3,       // a, b: one of them is an object
  WBL_MULTIPLY = -4,  // a, b
  WBL_LENGTH = -5,    // object
  WBL_DESCRIBE = -6,  // object: a string for tostring()
  WBL_EQUAL = -7,     // object, object
  WBL_MISSING = -8,   // namespace such as "wb.loss", key: nothing of that name was defined; must return an error
  WBL_PRINT = -9,     // string: one call of print
  WBL_ASSIGN = -10,   // object or namespace name, key: a recipe tries to assign; must return an error
};

// What dispatch returns.
enum {
  WBL_OK = 0,
  WBL_ERROR = 1,             // message: raised with the recipe's file and line in front
  WBL_ERROR_POSITIONED = 2,  // message: raised as it is
  WBL_STOP = 3,              // unwinds the whole script; no pcall of the recipe can hold it
};

// Called on the state's thread. Must not let a Swift error or a Lua error out.
typedef int (*wbl_dispatch)(void *context, int32_t operation, const wbl_value *arguments, size_t count,
                            wbl_value *result, wbl_value *message);
// Asked every few thousand instructions: non-zero unwinds the script.
typedef int (*wbl_should_stop)(void *context);
// The recipe holds the object no longer.
typedef void (*wbl_release)(void *context, int64_t handle);

typedef struct wbl_settings {
  void *context;  // outlives the state
  wbl_dispatch dispatch;
  wbl_should_stop should_stop;
  wbl_release release;
  size_t memory_limit;  // bytes that Lua may hold
  int64_t seed;         // of math.random
  int trusted;          // non-zero: io, os, debug and package are complete
  const char *const *folders;  // where require looks, in order; copied
  size_t folder_count;
} wbl_settings;

enum {
  WBL_RUN_OK = 0,
  WBL_RUN_SYNTAX = 1,
  WBL_RUN_FAILED = 2,   // a Lua error
  WBL_RUN_MEMORY = 3,   // the memory limit
  WBL_RUN_STOPPED = 4,  // should_stop or WBL_STOP
};

// NULL when there is no memory.
wbl_state *wbl_open(const wbl_settings *settings);
// Releases every object that is left.
void wbl_close(wbl_state *state);

// These return 0, or -1 when there is no memory.
int wbl_define(wbl_state *state, const char *path, int32_t operation);               // "loss.ce": wb.loss.ce
int wbl_define_value(wbl_state *state, const char *path, const wbl_value *value);    // wb.version
int wbl_define_kind(wbl_state *state, int32_t kind, const char *name);               // kind: 0 ... 31
int wbl_define_method(wbl_state *state, int32_t kind, const char *name, int32_t operation);

// Runs a text; chunk_name is what messages call it. On failure fills message and traceback (strings, to be freed).
int wbl_run(wbl_state *state, const char *text, size_t length, const char *chunk_name, wbl_value *message,
            wbl_value *traceback);
// Calls a Lua function, from outside or from within dispatch. Returns WBL_RUN_...; one result is kept.
int wbl_call(wbl_state *state, int64_t function, const wbl_value *arguments, size_t count, wbl_value *result,
             wbl_value *message, wbl_value *traceback);
// A copy of the shared table of that number (empty before its first use), and its replacement. Return WBL_RUN_...
int wbl_read_shared(wbl_state *state, int64_t number, wbl_value *result, wbl_value *message, wbl_value *traceback);
int wbl_write_shared(wbl_state *state, int64_t number, const wbl_value *value, wbl_value *message,
                     wbl_value *traceback);
// Seeds math.random anew, whatever the script has put in place of math.randomseed.
void wbl_seed_random(wbl_state *state, int64_t seed);
// `recipe.lua:14` for the innermost line that runs; empty outside a script. Always terminated.
void wbl_where(wbl_state *state, char *buffer, size_t size);
// Bytes that Lua holds.
size_t wbl_memory_used(const wbl_state *state);

// Filling in values. These return 0, or -1 when there is no memory (the value is then nil).
int wbl_set_string(wbl_value *value, const char *bytes, size_t count);
int wbl_set_table(wbl_value *value, size_t count);  // all keys and values nil, to be filled in
void wbl_free(wbl_value *value);                    // and everything below; leaves nil
