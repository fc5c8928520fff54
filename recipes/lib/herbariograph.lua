-- The training of Herbariograph, step by step. Each function is a step; `recipes/herbariograph` has a recipe for each,
-- and `all.lua` runs them one after another. docs/herbariograph.md lists the original's command lines beside ours.
--
--   local steps = require "lib.herbariograph"
--   local teacher = steps.teacher()
--
-- Every number of the original is a parameter (`--set transfer_epochs=256,256,256,256,512`). Its default is the
-- original's with `--set settings=paper`, and one that suits two cores and a few thousand pictures with
-- `--set settings=small`.

local wb = require "workbench"
local settings = require "lib.herbariograph.settings"
local target   = require "lib.herbariograph.target"
local lesson   = require "lib.herbariograph.lesson"
local transfer = require "lib.herbariograph.transfer"
local param, unlessZero = settings.param, settings.unlessZero

local steps = {
  target = target.data, network = target.network,
  teacher = lesson.teacher, distil = lesson.distil,
  transplant = transfer.transplant, transferAugmentations = transfer.augmentations, transfer = transfer.stages,
  soup = transfer.soup,
}

-- Step 6 and 7: evaluate, predict.

local function evaluateOptions()
  local batch = param("evaluate_batch", 256, 64, "pictures a step")
  local smoothing = wb.param("evaluate_smoothing", 0.1, "label smoothing of the loss that is shown")
  return {
    split = "test", batch = settings.within("evaluate_batch", batch, 1),
    label_smoothing = settings.within("evaluate_smoothing", smoothing, 0, 1),
  }
end

--- Loss, accuracy, AUCPR and macro F1 on the test records, with all tables and the report.
function steps.evaluate(model, data)
  local evaluation = wb.evaluate(settings.merge(evaluateOptions(), { model = model, data = data }))
  evaluation:save()
  wb.result("test loss", evaluation.loss)
  wb.result("test accuracy", evaluation.accuracy)
  wb.result("test AUCPR", evaluation.aucpr)
  wb.result("test macro F1", evaluation.macro_f1)
  return evaluation
end

local function predictOptions()
  local top = wb.param("top", 3, "classes a row")
  local reject = wb.param("reject", 0.0, "a picture whose highest probability is below this is unknown")
  local format = wb.param("format", "table", "table, or herbariograph: MODEL, FILE and PREDICTION")
  local batch = wb.param("predict_batch", 1024, "pictures a step")
  return {
    output = wb.param("table", "predicted.tsv", "the table's name, in the run folder"),
    top = settings.within("top", top, 1), reject = unlessZero(settings.within("reject", reject, 0, 1)),
    format = settings.among("format", format, { "table", "herbariograph" }),
    batch = settings.within("predict_batch", batch, 1),
  }
end

--- A table of unknown pictures.
function steps.predict(model, files) return wb.predict(settings.merge(predictOptions(), { model = model, files = files })) end

--- Reads the parameters of all steps, and stops at a mistake in them: that is said before hours of training.
function steps.checkParameters(network)
  lesson.checkParameters()
  transfer.checkParameters(network)
  evaluateOptions()
  predictOptions()
end

return steps
