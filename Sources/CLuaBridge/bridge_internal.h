// Shared by the files of this room.
#pragma once
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "lua_bridge.h"

#define WBL_KINDS 32
#define WBL_DEPTH 32              // nesting of tables that pass
#define WBL_ITEMS 2000000         // values in one tree
#define WBL_STRING_BYTES (64 << 20)  // bytes in one tree

struct wbl_state {
  wbl_settings settings;
  char **folders;
  lua_State *main;
  lua_State *current;  // the coroutine that called dispatch last, or main
  size_t used;
  int stopping;
  int root;                // registry reference: wb
  int functions;           // registry reference: number -> function, function -> number
  int shared;              // registry reference: number -> table
  int random_seed;         // registry reference: the original math.randomseed
  int kinds[WBL_KINDS];    // registry references: metatables
  int methods[WBL_KINDS];  // registry references: name -> function
  wbl_value *message;      // where the running wbl_run or wbl_call wants its error
  wbl_value *traceback;
};

static inline wbl_state *wbl_of(lua_State *L) { return *(wbl_state **)lua_getextraspace(L); }

// values.c
// NULL, or why the value at the index cannot pass. Raises nothing but memory errors; what was read so far stays in the
// value, to be freed.
const char *wbl_read(lua_State *L, int index, wbl_value *value);
void wbl_push_shared(lua_State *L, int64_t number);
void wbl_push(lua_State *L, const wbl_value *value);
// Pushes a userdata that frees `count` values when it is collected, and so also when an error passes.
wbl_value *wbl_push_box(lua_State *L, size_t count);
void wbl_empty_box(lua_State *L, int index);

// objects.c
int wbl_dispatch_call(lua_State *L, int32_t operation);
// Non-zero, and the handle, when the value at the index is an object of ours.
int wbl_test_object(lua_State *L, int index, int32_t *kind, int64_t *handle);
void wbl_push_object(lua_State *L, int32_t kind, int64_t handle);
// Pushes `recipe.lua:14: `, or an empty string.
void wbl_push_where(lua_State *L);

// sandbox.c
void wbl_open_libraries(lua_State *L);
// Pushes a namespace table that refuses unknown names and assignments.
void wbl_push_namespace(lua_State *L, const char *name);
// Replaces the namespace on top of the stack by the table of what it defines.
void wbl_open_namespace(lua_State *L);
