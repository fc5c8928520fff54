// What a recipe can reach: the harmless half of Lua's libraries, `require` for modules in known folders, and `wb`.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bridge_internal.h"

#define LARGEST_FILE (16 << 20)

static int refuse(lua_State *L) {
  return luaL_error(L, "%s is not available to recipes (run with --trust to allow it)",
                    lua_tostring(L, lua_upvalueindex(1)));
}

static void refuse_field(lua_State *L, const char *library, const char *name) {
  lua_pushfstring(L, library ? "%s.%s" : "%s%s", library ? library : "", name);
  lua_pushcclosure(L, refuse, 1);
  lua_setfield(L, -2, name);
}

// A table in which the given names raise an explanation instead of being nil.
static void refuse_library(lua_State *L, const char *library, const char *const *names) {
  lua_newtable(L);
  for (; *names; names++) refuse_field(L, library, *names);
  lua_setglobal(L, library);
}

// print: one text for Swift, which knows where it belongs.
static int print_text(lua_State *L) {
  int count = lua_gettop(L);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (int i = 1; i <= count; i++) {
    if (i > 1) luaL_addchar(&buffer, '\t');
    luaL_tolstring(L, i, NULL);
    luaL_addvalue(&buffer);
  }
  luaL_pushresult(&buffer);
  lua_replace(L, 1);
  lua_settop(L, 1);
  return wbl_dispatch_call(L, WBL_PRINT);
}

static int print_function(lua_State *L) {
  if (lua_gettop(L) == 0) lua_pushliteral(L, "");
  print_text(L);
  return 0;
}

// A finaliser runs where no hook can stop it, so a recipe may not have any.
static int set_metatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int type = lua_type(L, 2);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
  if (type == LUA_TTABLE) {
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, 2) != LUA_TNIL) return luaL_error(L, "a recipe cannot have finalisers ('__gc')");
  }
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

// xpcall's handler, which the recipe writes, must not run when the script is to stop: within the hook that stops it no
// other hook fires, so nothing would end a loop in there.
static int handle_error(lua_State *L) {
  lua_settop(L, 1);
  if (wbl_of(L)->stopping) return 1;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

// Stack: function, handler, true, function, arguments ... before; true, results ... or error after.
static int finish_xpcall(lua_State *L, int status, lua_KContext ignored) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)ignored;
  lua_pushboolean(L, 0);
  lua_pushvalue(L, -2);
  return 2;
}

static int call_protected(lua_State *L) {
  int count = lua_gettop(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, handle_error, 1);
  lua_replace(L, 2);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);
  int status = lua_pcallk(L, count - 2, LUA_MULTRET, 2, 2, finish_xpcall);
  return finish_xpcall(L, status, 2);
}

// load: text only, from a string.
static int load_text(lua_State *L) {
  size_t length;
  if (lua_type(L, 1) != LUA_TSTRING) return luaL_error(L, "load takes a text in recipes");
  const char *text = lua_tolstring(L, 1, &length);
  const char *name = luaL_optstring(L, 2, "=(load)");
  int has_environment = !lua_isnone(L, 4);
  if (luaL_loadbufferx(L, text, length, name, "t") != LUA_OK) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (has_environment) {
    lua_pushvalue(L, 4);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
  }
  return 1;
}

// require

// Pushes the file's bytes. 0: pushed; 1: there is no such file; 2: it cannot be read, the reason is pushed.
static int push_file(lua_State *L, const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return 1;
    lua_pushstring(L, strerror(errno));
    return 2;
  }
  if (!S_ISREG(status.st_mode) || status.st_size > LARGEST_FILE) {
    lua_pushstring(L, S_ISREG(status.st_mode) ? "larger than 16 MB" : "not a file");
    return 2;
  }
  char *bytes = lua_newuserdatauv(L, (size_t)status.st_size + 1, 0);
  FILE *file = fopen(path, "rb");
  if (!file) {
    lua_pushstring(L, strerror(errno));
    return 2;
  }
  size_t length = fread(bytes, 1, (size_t)status.st_size, file);
  fclose(file);
  lua_pushlstring(L, bytes, length);
  lua_remove(L, -2);
  return 0;
}

static int is_module_name(const char *name) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  size_t length = strlen(name);
  if (length == 0 || length > 200 || strspn(name, letters) != length) return 0;
  return name[0] != '.' && name[length - 1] != '.' && !strstr(name, "..");
}

// Runs the chunk on top of the stack and stores what it returns. Stack: name, loaded, ..., chunk.
static int run_module(lua_State *L, const char *name) {
  lua_pushboolean(L, 0);
  lua_setfield(L, 2, name);  // false: it is being loaded
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
  }
  lua_pushvalue(L, -1);
  lua_setfield(L, 2, name);
  return 1;
}

// Upvalue 1: modules that are loaded. Upvalue 2: the standard require of a trusted recipe, or nil.
static int require_module(lua_State *L) {
  wbl_state *state = wbl_of(L);
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  int type = lua_getfield(L, 2, name);
  if (type == LUA_TBOOLEAN && !lua_toboolean(L, -1))
    return luaL_error(L, "module '%s' requires itself, directly or through another, or has failed before", name);
  if (type != LUA_TNIL) return 1;
  lua_pop(L, 1);
  if (!is_module_name(name))
    return luaL_error(L, "'%s' is not a module name: letters, digits, '_', '-', and '.' between folders", name);
  const char *file = lua_pushfstring(L, "%s.lua", luaL_gsub(L, name, ".", "/"));
  for (size_t i = 0; state->folders[i]; i++) {
    const char *path = lua_pushfstring(L, "%s/%s", state->folders[i], file);
    int found = push_file(L, path);
    if (found == 1) continue;
    if (found == 2) return luaL_error(L, "module '%s': %s: %s", name, path, lua_tostring(L, -1));
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (luaL_loadbufferx(L, text, length, lua_pushfstring(L, "@%s", file), "t") != LUA_OK) return lua_error(L);
    return run_module(L, name);
  }
  if (!lua_isnil(L, lua_upvalueindex(2))) {
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
  }
  luaL_Buffer places;
  luaL_buffinit(L, &places);
  for (size_t i = 0; state->folders[i]; i++) {
    if (i) luaL_addstring(&places, ", ");
    luaL_addstring(&places, state->folders[i]);
  }
  luaL_pushresult(&places);
  return luaL_error(L, "there is no module '%s' in %s", name, lua_tostring(L, -1));
}

static void define_require(lua_State *L) {
  lua_newtable(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, wbl_of(L)->root);
  lua_setfield(L, -2, "workbench");
  lua_getglobal(L, "require");
  lua_pushcclosure(L, require_module, 2);
  lua_setglobal(L, "require");
}

// Namespaces

// A namespace is an empty table, so that every assignment to it meets __newindex; what it defines stands in a table of
// its metatable, under this address.
static const char names = 0;

// Upvalue 1: what the namespace is called. Upvalue 2: what it defines.
static int find_name(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_replace(L, 1);
  lua_settop(L, 2);
  return wbl_dispatch_call(L, WBL_MISSING);
}

static int next_name(lua_State *L) {
  lua_settop(L, 2);
  if (lua_next(L, lua_upvalueindex(1))) return 2;
  lua_pushnil(L);
  return 1;
}

// pairs: an iterator that does not give the recipe the table itself.
static int each_name(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushcclosure(L, next_name, 1);
  return 1;
}

static int assign(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_replace(L, 1);
  lua_settop(L, 2);
  return wbl_dispatch_call(L, WBL_ASSIGN);
}

void wbl_push_namespace(lua_State *L, const char *name) {
  lua_newtable(L);
  lua_createtable(L, 0, 5);
  lua_newtable(L);
  lua_pushstring(L, name);
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, find_name, 2);
  lua_setfield(L, -3, "__index");
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, each_name, 1);
  lua_setfield(L, -3, "__pairs");
  lua_rawsetp(L, -2, &names);
  lua_pushstring(L, name);
  lua_pushcclosure(L, assign, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
}

void wbl_open_namespace(lua_State *L) {
  lua_getmetatable(L, -1);
  lua_rawgetp(L, -1, &names);
  lua_replace(L, -3);
  lua_pop(L, 1);
}

// Libraries

static void seed_random(lua_State *L) {
  lua_getglobal(L, "math");
  lua_getfield(L, -1, "randomseed");
  lua_pushvalue(L, -1);
  wbl_of(L)->random_seed = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushinteger(L, wbl_of(L)->settings.seed);
  lua_call(L, 1, 0);
  lua_pop(L, 1);
}

static void open_safe_libraries(lua_State *L) {
  static const luaL_Reg libraries[] = {
      {LUA_GNAME, luaopen_base},       {LUA_STRLIBNAME, luaopen_string}, {LUA_TABLIBNAME, luaopen_table},
      {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_COLIBNAME, luaopen_coroutine},
      {LUA_OSLIBNAME, luaopen_os},     {NULL, NULL},
  };
  static const char *const os_names[] = {"execute", "exit",      "getenv",  "remove",
                                         "rename",  "setlocale", "tmpname", NULL};
  static const char *const io_names[] = {"open",   "popen", "lines", "read",   "write", "close",
                                         "input",  "output", "tmpfile", "type", NULL};
  static const char *const package_names[] = {"loadlib", "searchpath", NULL};
  static const char *const debug_names[] = {"debug",       "gethook",      "getinfo",      "getlocal",   "getmetatable",
                                            "getregistry", "getupvalue",   "getuservalue", "sethook",    "setlocal",
                                            "setmetatable", "setupvalue",  "setuservalue", "upvalueid",
                                            "upvaluejoin", NULL};
  for (const luaL_Reg *library = libraries; library->name; library++) {
    luaL_requiref(L, library->name, library->func, 1);
    lua_pop(L, 1);
  }
  lua_getglobal(L, LUA_OSLIBNAME);
  for (const char *const *name = os_names; *name; name++) refuse_field(L, "os", *name);
  lua_getglobal(L, LUA_STRLIBNAME);
  refuse_field(L, "string", "dump");
  lua_pushglobaltable(L);
  refuse_field(L, NULL, "dofile");
  refuse_field(L, NULL, "loadfile");
  lua_pop(L, 3);
  refuse_library(L, "io", io_names);
  refuse_library(L, "package", package_names);
  luaL_requiref(L, LUA_DBLIBNAME, luaopen_debug, 0);
  lua_getfield(L, -1, "traceback");
  refuse_library(L, "debug", debug_names);
  lua_getglobal(L, LUA_DBLIBNAME);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "traceback");
  lua_pop(L, 3);
  lua_register(L, "setmetatable", set_metatable);
  lua_register(L, "load", load_text);
  // The registry's table of loaded modules is out of reach without `package`, and our `require` does not read it.
}

void wbl_open_libraries(lua_State *L) {
  if (wbl_of(L)->settings.trusted)
    luaL_openlibs(L);
  else
    open_safe_libraries(L);
  lua_register(L, "print", print_function);
  lua_register(L, "xpcall", call_protected);
  define_require(L);
  seed_random(L);
}
