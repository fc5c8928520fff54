-- What the steps of Herbariograph share: parameters with two defaults, and what names of parameters stand for.

local wb = require "workbench"

local settings = {}

--- The value when it is one of the words, or an error that names the parameter.
function settings.among(name, value, words)
  for _, word in ipairs(words) do if value == word then return value end end
  error(("%s must be one of %s, not '%s'"):format(name, table.concat(words, ", "), value), 0)
end

local kind = wb.param("settings", "paper", "paper: the original's numbers; small: for a few thousand pictures on two cores")
settings.among("settings", kind, { "paper", "small" })
settings.isSmall = kind == "small"

--- A parameter with a default for each of the two settings.
function settings.param(name, paper, small, help)
  return wb.param(name, settings.isSmall and small or paper, help)
end

--- The value when it is in the range, which may have no upper end, or an error that names the parameter.
function settings.within(name, value, least, most)
  if value < least or most and value > most then
    local wanted = most and ("from %s to %s"):format(least, most) or ("%s or more"):format(least)
    error(("%s must be %s, not %s"):format(name, wanted, value), 0)
  end
  return value
end

--- An option that is left out where the parameter is 0.
function settings.unlessZero(value) return value ~= 0 and value or nil end

-- Pictures come as 0 to 255, read as TensorFlow reads them: the layer `rescale` takes them to -1 to 1.
function settings.pictures(size)
  return {
    size = size, decoder = "tensorflow", dct_scaling = false, resize = "bilinear", rounded = false, range = { 0, 255 },
  }
end

function settings.merge(...)
  local all = {}
  for _, part in ipairs { ... } do for key, value in pairs(part) do all[key] = value end end
  return all
end

--- A schedule by its name. `halfCycle`, in optimizer steps, is for a cyclical one; `warmup`, in epochs, for a cosine.
function settings.schedule(kind, rate, halfCycle, warmup)
  local low = wb.param("cyclical_minimum", 0.25, "lowest rate of a cyclical schedule, a share of its highest")
  settings.within("cyclical_minimum", low, 0, 1)
  if kind == "cyclical" then
    return wb.schedule.cyclical { maximum = rate, minimum = rate * low, half_cycle = halfCycle }
  elseif kind == "cosine" then
    return wb.schedule.cosine { learning_rate = rate, warmup = warmup }
  elseif kind == "constant" then
    return wb.schedule.constant { learning_rate = rate }
  end
  error("a schedule must be cyclical, cosine or constant, not '" .. kind .. "'", 0)
end

function settings.optimizer(kind, rate, decay)
  if kind == "adamw" then return wb.optimizer.adamw { learning_rate = rate, weight_decay = decay } end
  if kind == "adam" then return wb.optimizer.adam { learning_rate = rate } end
  if kind == "sgd" then return wb.optimizer.sgd { learning_rate = rate } end
  error("an optimizer must be adamw, adam or sgd, not '" .. kind .. "'", 0)
end

--- One of the fifteen losses, with the original's options.
function settings.loss(kind, smoothing)
  local alpha = wb.param("loss_alpha", 0.25, "alpha of fce")
  local gamma = wb.param("loss_gamma", kind == "cbf" and 1.0 or 2.0, "gamma of fce (2) and cbf (1)")
  local beta = wb.param("loss_beta", 0.99, "beta of cbf, cbs, cbbs and bel")
  local tau = wb.param("loss_tau", 0.0, "tau of la, lab and bel; 0 switches the adjustment off")
  local weights = wb.param("loss_weights", { 1.0, 1.0, 1.0 }, "of ccm: of its cos, ce and mse")
  local given = {
    ce = { label_smoothing = smoothing }, fce = { alpha = alpha, gamma = gamma, label_smoothing = smoothing },
    ccm = { weights = weights, label_smoothing = smoothing }, cbf = { beta = beta, gamma = gamma },
    cbs = { beta = beta }, cbbs = { beta = beta }, bel = { beta = beta, tau = tau },
    la = { tau = tau }, lab = { tau = tau },
  }
  return wb.loss[kind](given[kind])
end

return settings
