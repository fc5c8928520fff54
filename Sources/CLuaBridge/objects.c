// Swift objects as userdata, and the calls into Swift.
#include <string.h>

#include "bridge_internal.h"

typedef struct {
  int64_t handle;
  int32_t kind;
} object;

// Stands in each metatable of ours under its own address, so that no other userdata is taken for an object.
static const char marker = 0;

void wbl_push_where(lua_State *L) {
  lua_Debug frame;
  for (int level = 0; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    if (frame.currentline > 0) {
      lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
      return;
    }
  }
  lua_pushliteral(L, "");
}

int wbl_dispatch_call(lua_State *L, int32_t operation) {
  wbl_state *state = wbl_of(L);
  int count = lua_gettop(L);
  luaL_checkstack(L, LUA_MINSTACK, "too many arguments");
  wbl_value *values = wbl_push_box(L, (size_t)count + 2);
  wbl_value *result = &values[count], *message = &values[count + 1];
  for (int i = 0; i < count; i++) {
    const char *problem = wbl_read(L, i + 1, &values[i]);
    if (!problem) continue;
    wbl_push_where(L);
    lua_pushstring(L, problem);
    lua_concat(L, 2);
    return lua_error(L);
  }
  lua_State *caller = state->current;
  state->current = L;
  int status = state->settings.dispatch(state->settings.context, operation, values, (size_t)count, result, message);
  state->current = caller;
  if (status == WBL_OK) {
    wbl_push(L, result);
    wbl_empty_box(L, count + 1);
    return 1;
  }
  if (status == WBL_STOP) {
    state->stopping = 1;
    return luaL_error(L, "interrupted");
  }
  if (status == WBL_ERROR)
    wbl_push_where(L);
  else
    lua_pushliteral(L, "");
  wbl_push(L, message);
  if (!lua_isstring(L, -1)) {
    lua_pop(L, 1);
    lua_pushliteral(L, "failed");
  }
  lua_concat(L, 2);
  wbl_empty_box(L, count + 1);
  return lua_error(L);
}

int wbl_test_object(lua_State *L, int index, int32_t *kind, int64_t *handle) {
  const object *o = lua_touserdata(L, index);
  if (!o || lua_islightuserdata(L, index) || !lua_getmetatable(L, index)) return 0;
  int ours = lua_rawgetp(L, -1, &marker) == LUA_TBOOLEAN;
  lua_pop(L, 2);
  if (!ours) return 0;
  *kind = o->kind;
  *handle = o->handle;
  return 1;
}

void wbl_push_object(lua_State *L, int32_t kind, int64_t handle) {
  object *o = lua_newuserdatauv(L, sizeof *o, 0);
  o->handle = handle;
  o->kind = kind;
  lua_rawgeti(L, LUA_REGISTRYINDEX, wbl_of(L)->kinds[kind]);
  lua_setmetatable(L, -2);
}

static int collect_object(lua_State *L) {
  wbl_state *state = wbl_of(L);
  const object *o = lua_touserdata(L, 1);
  state->settings.release(state->settings.context, o->handle);
  return 0;
}

// Upvalue 1: the methods. A property is asked of Swift only when no method has the name.
static int index_object(lua_State *L) {
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
  lua_settop(L, 2);
  return wbl_dispatch_call(L, WBL_GET);
}

static int assign_object(lua_State *L) {
  lua_settop(L, 2);
  return wbl_dispatch_call(L, WBL_ASSIGN);
}

static int apply_object(lua_State *L) { return wbl_dispatch_call(L, WBL_APPLY); }
static int add_object(lua_State *L) { return wbl_dispatch_call(L, WBL_ADD); }
static int multiply_object(lua_State *L) { return wbl_dispatch_call(L, WBL_MULTIPLY); }
static int equal_object(lua_State *L) { return wbl_dispatch_call(L, WBL_EQUAL); }

static int length_object(lua_State *L) {
  lua_settop(L, 1);
  return wbl_dispatch_call(L, WBL_LENGTH);
}

static int describe_object(lua_State *L) {
  lua_settop(L, 1);
  return wbl_dispatch_call(L, WBL_DESCRIBE);
}

static int call_operation(lua_State *L) {
  return wbl_dispatch_call(L, (int32_t)lua_tointeger(L, lua_upvalueindex(1)));
}

// Definitions. Each runs protected, because every push may be out of memory.

typedef struct {
  const char *name;
  const wbl_value *value;
  int32_t kind;
  int32_t operation;
} definition;

static const definition *argument(lua_State *L) { return lua_touserdata(L, 1); }

// Pushes the table of what the namespace that a dotted path leads to defines, and returns the last word.
static const char *push_parent(lua_State *L, const char *path) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, wbl_of(L)->root);
  wbl_open_namespace(L);
  const char *rest = path, *dot;
  while ((dot = strchr(rest, '.'))) {
    lua_pushlstring(L, rest, (size_t)(dot - rest));
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) == LUA_TNIL) {
      lua_pop(L, 1);
      lua_pushfstring(L, "wb.%s", lua_pushlstring(L, path, (size_t)(dot - path)));
      wbl_push_namespace(L, lua_tostring(L, -1));
      lua_replace(L, -3);
      lua_pop(L, 1);
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_rawset(L, -5);
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
    wbl_open_namespace(L);
    rest = dot + 1;
  }
  return rest;
}

static int define_function(lua_State *L) {
  const definition *d = argument(L);
  const char *name = push_parent(L, d->name);
  lua_pushstring(L, name);
  if (d->value) {
    wbl_push(L, d->value);
  } else {
    lua_pushinteger(L, d->operation);
    lua_pushcclosure(L, call_operation, 1);
  }
  lua_rawset(L, -3);
  return 0;
}

static int define_kind(lua_State *L) {
  static const luaL_Reg metamethods[] = {
      {"__newindex", assign_object}, {"__call", apply_object},  {"__add", add_object},
      {"__mul", multiply_object},    {"__eq", equal_object},    {"__len", length_object},
      {"__gc", collect_object},      {"__tostring", describe_object}, {NULL, NULL},
  };
  const definition *d = argument(L);
  wbl_state *state = wbl_of(L);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  state->methods[d->kind] = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_newtable(L);
  luaL_setfuncs(L, metamethods, 0);
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, index_object, 1);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, d->name);
  lua_setfield(L, -2, "__name");
  lua_pushstring(L, d->name);
  lua_setfield(L, -2, "__metatable");
  lua_pushboolean(L, 1);
  lua_rawsetp(L, -2, &marker);
  state->kinds[d->kind] = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

static int define_method(lua_State *L) {
  const definition *d = argument(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, wbl_of(L)->methods[d->kind]);
  lua_pushinteger(L, d->operation);
  lua_pushcclosure(L, call_operation, 1);
  lua_setfield(L, -2, d->name);
  return 0;
}

static int define(wbl_state *state, lua_CFunction how, definition d) {
  lua_State *L = state->main;
  lua_pushcfunction(L, how);
  lua_pushlightuserdata(L, &d);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK) return 0;
  lua_pop(L, 1);
  return -1;
}

int wbl_define(wbl_state *state, const char *path, int32_t operation) {
  return define(state, define_function, (definition){.name = path, .operation = operation});
}

int wbl_define_value(wbl_state *state, const char *path, const wbl_value *value) {
  return define(state, define_function, (definition){.name = path, .value = value});
}

int wbl_define_kind(wbl_state *state, int32_t kind, const char *name) {
  if (kind < 0 || kind >= WBL_KINDS) return -1;
  return define(state, define_kind, (definition){.name = name, .kind = kind});
}

int wbl_define_method(wbl_state *state, int32_t kind, const char *name, int32_t operation) {
  if (kind < 0 || kind >= WBL_KINDS) return -1;
  return define(state, define_method, (definition){.name = name, .kind = kind, .operation = operation});
}
