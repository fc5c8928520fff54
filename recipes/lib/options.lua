-- Options of Lua modules: checked by a table, with messages like those of the built-in functions.
--
--   local options = require "lib.options"
--   local schema = {
--     { name = "classes", type = "integer", required = true, minimum = 1 },
--     { name = "down_sampler", type = "choice", choices = { "convolution", "maxpool" }, default = "convolution" },
--   }
--   local o = options.check("convnext", schema, given, 3)      -- o.classes, o.down_sampler
--
-- An entry has `name`, `type`, `default` or `required`, for numbers `minimum` and `maximum`, for a choice `choices`.
-- Types:
--
--   boolean, integer, number, string
--   choice        one of the words in `choices`, which may be true or false, too
--   integers      one integer, or a list of `count` integers
--   number_or_no  a number, or false

local options = {}

--- The number of single letters to insert, delete, replace or swap with a neighbour, to get from `a` to `b`.
local function distance(a, b)
  local rows = {}
  for i = 0, #a do rows[i] = { [0] = i } end
  for j = 0, #b do rows[0][j] = j end
  for i = 1, #a do
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local best = math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, rows[i - 2][j - 2] + 1)
      end
      rows[i][j] = best
    end
  end
  return rows[#a][#b]
end

--- The candidate that looks most like `name`, or nil when none does.
function options.nearest(name, candidates)
  local best, bestDistance
  for _, candidate in ipairs(candidates) do
    local d = distance(name:lower(), tostring(candidate):lower())
    if not bestDistance or d < bestDistance then best, bestDistance = candidate, d end
  end
  if best and bestDistance <= math.max(1, #name // 3) then return best end
end

--- `(did you mean 'filters'?)` with a space in front, or what there is to choose from.
local function hint(name, candidates)
  local near = options.nearest(name, candidates)
  if near then return (" (did you mean '%s'?)"):format(near) end
  return " (it has " .. table.concat(candidates, ", ") .. ")"
end

--- A value as a message shows it.
local function shown(value)
  if type(value) == "string" then return ('the string "%s"'):format(value:sub(1, 40)) end
  if type(value) == "table" then return "a table" end
  return tostring(value)
end

--- `{ 'a', 'b' }` to `'a' or 'b'`; what is no text stands as it is.
local function alternatives(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = type(word) == "string" and "'" .. word .. "'" or tostring(word) end
  return table.concat(quoted, " or ")
end

--- True for a table that holds `count` values and nothing else.
local function isList(value, count)
  if type(value) ~= "table" or #value ~= count then return false end
  local found = 0
  for _ in pairs(value) do found = found + 1 end
  return found == count
end

--- `from 1 to 7`, `1 or more`.
local function range(entry)
  if entry.minimum and entry.maximum then return ("from %.10g to %.10g"):format(entry.minimum, entry.maximum) end
  return entry.minimum and ("%.10g or more"):format(entry.minimum) or ("%.10g or less"):format(entry.maximum)
end

--- For each type what it is called, and a function that gives the value in its own form, or nil.
local types = {
  boolean = { "true or false", function(v) if type(v) == "boolean" then return v end end },
  integer = { "an integer", function(v) return type(v) == "number" and math.tointeger(v) or nil end },
  number = { "a number", function(v) if type(v) == "number" then return v end end },
  string = { "a string", function(v) if type(v) == "string" then return v end end },
  choice = {
    function(entry) return alternatives(entry.choices) end,
    function(v, entry)
      for _, word in ipairs(entry.choices) do if v == word then return v end end
    end,
  },
  integers = {
    function(entry) return ("an integer or a list of %d integers"):format(entry.count) end,
    function(v, entry)
      if type(v) == "number" and math.tointeger(v) then
        local list = {}
        for i = 1, entry.count do list[i] = math.tointeger(v) end
        return list
      end
      if not isList(v, entry.count) then return nil end
      local list = {}
      for i = 1, entry.count do
        local integer = type(v[i]) == "number" and math.tointeger(v[i])
        if not integer then return nil end
        list[i] = integer
      end
      return list
    end,
  },
  number_or_no = {
    "a number or false",
    function(v) if v == false or type(v) == "number" then return v end end,
  },
}

--- The given options with the defaults filled in.
--
-- `owner` is the function's name for the messages; `level` says whose line they name, as for `error`: 2 is the line that
-- called this function, 3 the line that called the function around it.
function options.check(owner, schema, given, level)
  local function refuse(text, ...) error(owner .. ": " .. text:format(...), level + 1) end

  if type(given) ~= "table" then
    refuse("takes one table of options, as in %s { ... }, not %s", owner, given == nil and "nothing" or shown(given))
  end
  local known, names = {}, {}
  for i, entry in ipairs(schema) do
    known[entry.name] = entry
    names[i] = entry.name
  end
  -- In order of name, so that of several mistakes it is always the same that is named.
  local keys = {}
  for key in pairs(given) do
    if type(key) ~= "string" then refuse("entry %s has no name, as in name = value", tostring(key)) end
    keys[#keys + 1] = key
  end
  table.sort(keys)

  local result = {}
  for _, key in ipairs(keys) do
    local entry = known[key]
    if not entry then refuse("unknown option '%s'%s", key, hint(key, names)) end
    local kind = types[entry.type]
    local value = kind[2](given[key], entry)
    if value == nil then
      local wanted = type(kind[1]) == "function" and kind[1](entry) or kind[1]
      local near = entry.type == "choice" and type(given[key]) == "string" and options.nearest(given[key], entry.choices)
      refuse("option '%s' must be %s, not %s%s", key, wanted, shown(given[key]),
        near and (" (did you mean '%s'?)"):format(near) or "")
    end
    for _, number in ipairs(type(value) == "table" and value or { value }) do
      local isOutside = type(number) == "number" and not (number >= (entry.minimum or -math.huge)
        and number <= (entry.maximum or math.huge) and number > -math.huge and number < math.huge)
      if isOutside then
        refuse("option '%s' is %s, must be %s", key, tostring(number),
          (entry.minimum or entry.maximum) and range(entry) or "a finite number")
      end
    end
    result[key] = value
  end
  for _, entry in ipairs(schema) do
    if result[entry.name] == nil then
      if entry.required then refuse("needs the option '%s'", entry.name) end
      result[entry.name] = entry.default
    end
  end
  return result
end

return options
