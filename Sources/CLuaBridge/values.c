// Values between Lua and Swift.
#include <stdlib.h>
#include <string.h>

#include "bridge_internal.h"

int wbl_set_string(wbl_value *value, const char *bytes, size_t count) {
  memset(value, 0, sizeof *value);
  char *copy = malloc(count + 1);
  if (!copy) return -1;
  if (count) memcpy(copy, bytes, count);
  copy[count] = 0;
  value->kind = WBL_STRING;
  value->bytes = copy;
  value->count = count;
  return 0;
}

int wbl_set_table(wbl_value *value, size_t count) {
  memset(value, 0, sizeof *value);
  wbl_value *cells = calloc(count ? 2 * count : 1, sizeof *cells);
  if (!cells) return -1;
  value->kind = WBL_TABLE;
  value->count = count;
  value->keys = cells;
  value->values = cells + count;
  return 0;
}

void wbl_free(wbl_value *value) {
  if (value->kind == WBL_STRING) free(value->bytes);
  if (value->kind == WBL_TABLE) {
    for (size_t i = 0; i < value->count; i++) {
      wbl_free(&value->keys[i]);
      wbl_free(&value->values[i]);
    }
    free(value->keys);
  }
  memset(value, 0, sizeof *value);
}

// Reading

typedef struct {
  const void *path[WBL_DEPTH];
  int depth;
  size_t items;
  size_t bytes;
} reading;

static const char *read_value(lua_State *L, int index, wbl_value *value, reading *r);

static const char *read_string(lua_State *L, int index, wbl_value *value, reading *r) {
  size_t length;
  const char *bytes = lua_tolstring(L, index, &length);
  if (length > WBL_STRING_BYTES - r->bytes) return "a text of more than 64 MB cannot be passed to the workbench";
  r->bytes += length;
  return wbl_set_string(value, bytes, length) ? "not enough memory" : NULL;
}

// The number that wbl_call knows a function by. The same function always has the same number.
static void read_function(lua_State *L, int index, wbl_value *value) {
  wbl_state *state = wbl_of(L);
  index = lua_absindex(L, index);
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->functions);
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_Integer number = (lua_Integer)lua_rawlen(L, -1) + 1;
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, number);
    lua_pushvalue(L, index);
    lua_pushinteger(L, number);
    lua_rawset(L, -3);
    lua_pushinteger(L, number);
  }
  value->kind = WBL_FUNCTION;
  value->integer = lua_tointeger(L, -1);
  lua_pop(L, 2);
}

static int compare_keys(const wbl_value *a, const wbl_value *b) {
  if (a->kind != b->kind) return a->kind == WBL_INTEGER ? -1 : 1;
  if (a->kind == WBL_INTEGER) return (a->integer > b->integer) - (a->integer < b->integer);
  size_t shorter = a->count < b->count ? a->count : b->count;
  int order = memcmp(a->bytes, b->bytes, shorter);
  return order ? order : (a->count > b->count) - (a->count < b->count);
}

typedef struct {
  wbl_value key, value;
} pair;

static int compare_pairs(const void *a, const void *b) {
  return compare_keys(&((const pair *)a)->key, &((const pair *)b)->key);
}

// False when there is no memory; the order is then Lua's.
static int sort_pairs(wbl_value *table) {
  pair *pairs = malloc(table->count * sizeof *pairs);
  if (!pairs) return 0;
  for (size_t i = 0; i < table->count; i++) pairs[i] = (pair){table->keys[i], table->values[i]};
  qsort(pairs, table->count, sizeof *pairs, compare_pairs);
  for (size_t i = 0; i < table->count; i++) {
    table->keys[i] = pairs[i].key;
    table->values[i] = pairs[i].value;
  }
  free(pairs);
  return 1;
}

static const char *read_pairs(lua_State *L, int index, wbl_value *value, reading *r) {
  size_t i = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    wbl_value *key = &value->keys[i];
    const char *problem = NULL;
    if (lua_type(L, -2) == LUA_TSTRING) {
      problem = read_string(L, -2, key, r);
    } else if (lua_isinteger(L, -2)) {
      key->kind = WBL_INTEGER;
      key->integer = lua_tointeger(L, -2);
    } else {
      problem = "the keys of a table that is passed to the workbench must be strings or integers";
    }
    if (!problem) problem = read_value(L, -1, &value->values[i], r);
    if (problem) return problem;
    lua_pop(L, 1);
    i++;
  }
  return sort_pairs(value) ? NULL : "not enough memory";
}

static const char *read_table(lua_State *L, int index, wbl_value *value, reading *r) {
  const void *identity = lua_topointer(L, index);
  for (int i = 0; i < r->depth; i++)
    if (r->path[i] == identity) return "a table that contains itself cannot be passed to the workbench";
  if (r->depth == WBL_DEPTH) return "a table that is nested more than 32 deep cannot be passed to the workbench";
  r->path[r->depth++] = identity;
  size_t count = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    count++;
    lua_pop(L, 1);
  }
  if (2 * count > WBL_ITEMS - r->items) return "a table of more than a million values cannot be passed to the workbench";
  r->items += 2 * count;
  if (wbl_set_table(value, count)) return "not enough memory";
  const char *problem = count ? read_pairs(L, index, value, r) : NULL;
  r->depth--;
  return problem;
}

static const char *read_value(lua_State *L, int index, wbl_value *value, reading *r) {
  index = lua_absindex(L, index);
  if (!lua_checkstack(L, 8)) return "stack overflow";
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      return NULL;
    case LUA_TBOOLEAN:
      value->kind = WBL_BOOLEAN;
      value->integer = lua_toboolean(L, index);
      return NULL;
    case LUA_TNUMBER:
      value->kind = lua_isinteger(L, index) ? WBL_INTEGER : WBL_NUMBER;
      value->integer = lua_isinteger(L, index) ? lua_tointeger(L, index) : 0;
      value->number = lua_tonumber(L, index);
      return NULL;
    case LUA_TSTRING:
      return read_string(L, index, value, r);
    case LUA_TTABLE:
      return read_table(L, index, value, r);
    case LUA_TFUNCTION:
      read_function(L, index, value);
      return NULL;
    case LUA_TUSERDATA:
      if (wbl_test_object(L, index, &value->object_kind, &value->integer)) {
        value->kind = WBL_OBJECT;
        return NULL;
      }
      return "a foreign object cannot be passed to the workbench";
    case LUA_TTHREAD:
      return "a coroutine cannot be passed to the workbench";
    default:
      return "a value of this type cannot be passed to the workbench";
  }
}

const char *wbl_read(lua_State *L, int index, wbl_value *value) {
  reading r = {.depth = 0, .items = 0, .bytes = 0};
  index = lua_absindex(L, index);
  int top = lua_gettop(L);
  const char *problem = read_value(L, index, value, &r);
  lua_settop(L, top);
  return problem;
}

// Pushing

// Makes the table when it is asked for first.
void wbl_push_shared(lua_State *L, int64_t number) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, wbl_of(L)->shared);
  if (lua_rawgeti(L, -1, number) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, number);
  }
  lua_remove(L, -2);
}

void wbl_push(lua_State *L, const wbl_value *value) {
  luaL_checkstack(L, 8, "a result is nested too deep");
  switch (value->kind) {
    case WBL_BOOLEAN:
      lua_pushboolean(L, value->integer != 0);
      break;
    case WBL_INTEGER:
      lua_pushinteger(L, value->integer);
      break;
    case WBL_NUMBER:
      lua_pushnumber(L, value->number);
      break;
    case WBL_STRING:
      lua_pushlstring(L, value->bytes, value->count);
      break;
    case WBL_TABLE:
      lua_createtable(L, 0, 0);
      for (size_t i = 0; i < value->count; i++) {
        if (value->keys[i].kind != WBL_INTEGER && value->keys[i].kind != WBL_STRING) continue;
        wbl_push(L, &value->keys[i]);
        wbl_push(L, &value->values[i]);
        lua_rawset(L, -3);
      }
      break;
    case WBL_FUNCTION:
      lua_rawgeti(L, LUA_REGISTRYINDEX, wbl_of(L)->functions);
      lua_rawgeti(L, -1, value->integer);
      lua_remove(L, -2);
      break;
    case WBL_SHARED:
      wbl_push_shared(L, value->integer);
      break;
    case WBL_OBJECT:
      wbl_push_object(L, value->object_kind, value->integer);
      break;
    default:
      lua_pushnil(L);
  }
}

// Boxes

typedef struct {
  size_t count;
  wbl_value *values;
} box;

static void empty(box *b) {
  for (size_t i = 0; i < b->count; i++) wbl_free(&b->values[i]);
  free(b->values);
  b->values = NULL;
  b->count = 0;
}

static int collect_box(lua_State *L) {
  empty(lua_touserdata(L, 1));
  return 0;
}

wbl_value *wbl_push_box(lua_State *L, size_t count) {
  box *b = lua_newuserdatauv(L, sizeof *b, 0);
  b->count = 0;
  b->values = NULL;
  if (luaL_newmetatable(L, "wbl.box")) {
    lua_pushcfunction(L, collect_box);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  b->values = calloc(count, sizeof *b->values);
  if (!b->values) luaL_error(L, "not enough memory");
  b->count = count;
  return b->values;
}

void wbl_empty_box(lua_State *L, int index) { empty(lua_touserdata(L, index)); }
