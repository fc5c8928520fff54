// Opening, running, calling, stopping.
#include <stdlib.h>
#include <string.h>

#include "bridge_internal.h"

#define INSTRUCTIONS_BETWEEN_CHECKS 10000

// Lua's allocator, which refuses to grow beyond the limit. Shrinking never fails.
static void *allocate(void *context, void *block, size_t old_size, size_t new_size) {
  wbl_state *state = context;
  if (!block) old_size = 0;  // Lua then passes the kind of object here
  if (new_size == 0) {
    free(block);
    state->used -= old_size;
    return NULL;
  }
  if (new_size > old_size && new_size - old_size > state->settings.memory_limit - state->used) return NULL;
  void *moved = realloc(block, new_size);
  if (!moved) return new_size <= old_size ? block : NULL;
  state->used = state->used - old_size + new_size;
  return moved;
}

// From the first time on, the hook fires at every instruction: a pcall that catches the error gets no further.
static void stop_hook(lua_State *L, lua_Debug *frame) {
  (void)frame;
  wbl_state *state = wbl_of(L);
  if (!state->stopping && !state->settings.should_stop(state->settings.context)) return;
  state->stopping = 1;
  lua_sethook(L, stop_hook, LUA_MASKCOUNT, 1);
  luaL_error(L, "interrupted");
}

static int open_state(lua_State *L) {
  wbl_state *state = lua_touserdata(L, 1);
  lua_newtable(L);
  state->functions = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_newtable(L);
  state->shared = luaL_ref(L, LUA_REGISTRYINDEX);
  wbl_push_namespace(L, "wb");
  state->root = luaL_ref(L, LUA_REGISTRYINDEX);
  wbl_open_libraries(L);
  return 0;
}

static int copy_folders(wbl_state *state) {
  size_t count = state->settings.folder_count;
  state->folders = calloc(count + 1, sizeof *state->folders);
  if (!state->folders) return 0;
  for (size_t i = 0; i < count; i++)
    if (!(state->folders[i] = strdup(state->settings.folders[i]))) return 0;
  return 1;
}

wbl_state *wbl_open(const wbl_settings *settings) {
  wbl_state *state = calloc(1, sizeof *state);
  if (!state) return NULL;
  state->settings = *settings;
  if (!copy_folders(state) || !(state->main = lua_newstate(allocate, state))) {
    wbl_close(state);
    return NULL;
  }
  state->current = state->main;
  *(wbl_state **)lua_getextraspace(state->main) = state;
  lua_sethook(state->main, stop_hook, LUA_MASKCOUNT, INSTRUCTIONS_BETWEEN_CHECKS);
  lua_pushcfunction(state->main, open_state);
  lua_pushlightuserdata(state->main, state);
  if (lua_pcall(state->main, 1, 0, 0) != LUA_OK) {
    wbl_close(state);
    return NULL;
  }
  return state;
}

void wbl_close(wbl_state *state) {
  if (!state) return;
  if (state->main) lua_close(state->main);
  if (state->folders)
    for (size_t i = 0; state->folders[i]; i++) free(state->folders[i]);
  free(state->folders);
  free(state);
}

size_t wbl_memory_used(const wbl_state *state) { return state->used; }

void wbl_where(wbl_state *state, char *buffer, size_t size) {
  buffer[0] = 0;
  lua_Debug frame;
  for (int level = 0; lua_getstack(state->current, level, &frame); level++) {
    lua_getinfo(state->current, "Sl", &frame);
    if (frame.currentline <= 0) continue;
    size_t length = strnlen(frame.short_src, sizeof frame.short_src);
    if (length + 16 > size) return;
    memcpy(buffer, frame.short_src, length);
    char digits[16];
    int count = 0;
    for (int line = frame.currentline; line > 0; line /= 10) digits[count++] = (char)('0' + line % 10);
    buffer[length++] = ':';
    while (count > 0) buffer[length++] = digits[--count];
    buffer[length] = 0;
    return;
  }
}

// Running

typedef struct {
  const char *text;
  size_t length;
  const char *chunk_name;
  int64_t function;
  const wbl_value *arguments;
  size_t count;
  wbl_value *result;
  int compiled;
} request;

static void keep(wbl_value *value, const char *text, size_t length) {
  if (!value) return;
  wbl_free(value);
  wbl_set_string(value, text, length);
}

// The message handler: keeps the message and the traceback of the innermost error, while its stack still stands.
static int keep_error(lua_State *L) {
  wbl_state *state = wbl_of(L);
  size_t length;
  if (!lua_isstring(L, 1) && !luaL_getmetafield(L, 1, "__tostring"))
    lua_pushfstring(L, "the recipe raised a %s that is not a text", luaL_typename(L, 1));
  else
    luaL_tolstring(L, 1, NULL);
  const char *text = lua_tolstring(L, -1, &length);
  keep(state->message, text, length);
  luaL_traceback(L, L, NULL, 1);
  text = lua_tolstring(L, -1, &length);
  keep(state->traceback, text, length);
  lua_settop(L, 1);
  return 1;
}

static int run_text(lua_State *L) {
  request *r = lua_touserdata(L, 1);
  lua_settop(L, 0);
  int status = luaL_loadbufferx(L, r->text, r->length, r->chunk_name, "t");
  if (status != LUA_OK) return lua_error(L);
  r->compiled = 1;
  lua_call(L, 0, 0);
  return 0;
}

static int call_function(lua_State *L) {
  request *r = lua_touserdata(L, 1);
  lua_settop(L, 0);
  r->compiled = 1;
  luaL_checkstack(L, (int)r->count + LUA_MINSTACK, "too many arguments");
  wbl_value function = {.kind = WBL_FUNCTION, .integer = r->function};
  wbl_push(L, &function);
  for (size_t i = 0; i < r->count; i++) wbl_push(L, &r->arguments[i]);
  lua_call(L, (int)r->count, 1);
  if (!r->result) return 0;
  const char *problem = wbl_read(L, -1, r->result);
  return problem ? luaL_error(L, "%s", problem) : 0;
}

static int protect(wbl_state *state, lua_CFunction how, request *r, wbl_value *message, wbl_value *traceback) {
  lua_State *L = state->current;
  wbl_value *outer_message = state->message, *outer_traceback = state->traceback;
  memset(message, 0, sizeof *message);
  memset(traceback, 0, sizeof *traceback);
  if (!lua_checkstack(L, 8)) {
    wbl_set_string(message, "stack overflow", 14);
    return WBL_RUN_FAILED;
  }
  state->message = message;
  state->traceback = traceback;
  int top = lua_gettop(L);
  lua_pushcfunction(L, keep_error);
  lua_pushcfunction(L, how);
  lua_pushlightuserdata(L, r);
  int status = lua_pcall(L, 1, 0, top + 1);
  state->message = outer_message;
  state->traceback = outer_traceback;
  state->current = L;
  if (status != LUA_OK && message->kind != WBL_STRING) {
    size_t length = 0;
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    wbl_set_string(message, text ? text : "failed", text ? length : 6);
  }
  lua_settop(L, top);
  if (state->stopping) return WBL_RUN_STOPPED;
  if (status == LUA_OK) return WBL_RUN_OK;
  if (status == LUA_ERRMEM) return WBL_RUN_MEMORY;
  return r->compiled ? WBL_RUN_FAILED : WBL_RUN_SYNTAX;
}

int wbl_run(wbl_state *state, const char *text, size_t length, const char *chunk_name, wbl_value *message,
            wbl_value *traceback) {
  request r = {.text = text, .length = length, .chunk_name = chunk_name};
  return protect(state, run_text, &r, message, traceback);
}

int wbl_call(wbl_state *state, int64_t function, const wbl_value *arguments, size_t count, wbl_value *result,
             wbl_value *message, wbl_value *traceback) {
  if (result) memset(result, 0, sizeof *result);
  request r = {.function = function, .arguments = arguments, .count = count, .result = result};
  int status = protect(state, call_function, &r, message, traceback);
  if (status != WBL_RUN_OK && result) wbl_free(result);
  return status;
}

static int read_shared(lua_State *L) {
  request *r = lua_touserdata(L, 1);
  r->compiled = 1;
  wbl_push_shared(L, r->function);
  const char *problem = wbl_read(L, -1, r->result);
  return problem ? luaL_error(L, "%s", problem) : 0;
}

static int write_shared(lua_State *L) {
  request *r = lua_touserdata(L, 1);
  r->compiled = 1;
  lua_rawgeti(L, LUA_REGISTRYINDEX, wbl_of(L)->shared);
  wbl_push(L, r->arguments);
  lua_rawseti(L, -2, r->function);
  return 0;
}

int wbl_read_shared(wbl_state *state, int64_t number, wbl_value *result, wbl_value *message, wbl_value *traceback) {
  memset(result, 0, sizeof *result);
  request r = {.function = number, .result = result};
  int status = protect(state, read_shared, &r, message, traceback);
  if (status != WBL_RUN_OK) wbl_free(result);
  return status;
}

int wbl_write_shared(wbl_state *state, int64_t number, const wbl_value *value, wbl_value *message,
                     wbl_value *traceback) {
  request r = {.function = number, .arguments = value};
  return protect(state, write_shared, &r, message, traceback);
}

void wbl_seed_random(wbl_state *state, int64_t seed) {
  lua_State *L = state->current;
  if (!lua_checkstack(L, 8)) return;
  int top = lua_gettop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->random_seed);
  lua_pushinteger(L, (lua_Integer)seed);
  lua_pcall(L, 1, 0, 0);
  lua_settop(L, top);
}
