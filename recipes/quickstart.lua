-- A first network, trained in minutes.
--
--   workbench run recipes/quickstart.lua --set data=FOLDER
--   workbench run recipes/quickstart.lua                      on herbarium sheets that are drawn for the purpose
--
-- FOLDER holds one sub-folder a class with pictures in it. At the end there is a folder in runs/ with the model, a table
-- of the predictions, and report.html to look at. Copy this file and change it: nothing here can break anything.

local wb = require "workbench"

-- What can be given on the command line, as in `--set epochs=10`.
local folder  = wb.param("data", "", "folder with one sub-folder a class, or with a labels.tsv; without, sheets are drawn")
local sheets  = wb.param("sheets", 1000, "how many herbarium sheets are drawn where there is no folder")
local epochs  = wb.param("epochs", 60, "passes over the training pictures, at most")
local size    = wb.param("size", 96, "height and width of the pictures that the network sees")
local repeats = wb.param("repeats", 1, "how often all is done anew, with seed, seed + 1, ...")

-- One stage of the network: look for patterns in windows of 3 x 3, bring the numbers to a common scale, keep what was
-- found, and halve the picture. A recipe is a program: what is needed several times becomes a function.
local function stage(filters)
  return wb.sequential {
    wb.conv2d { filters = filters, kernel = 3, padding = "same", bias = false },
    wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },
  }
end

wb.repeats(repeats, function()
  local pictures = {
    size  = size,
    -- 70 % to learn from, 20 % to see when it has learnt enough, 10 % to test it. Splits that the data have are kept.
    split = { train = 0.7, validation = 0.2, test = 0.1 },
    -- Each picture is shown a little differently every time.
    augment = {
      wb.augment.flip_horizontal(),
      wb.augment.random_resized_crop { area = { 0.5, 1 } },
      wb.augment.colour_jitter { brightness = 0.2, contrast = 0.2, saturation = 0.2, hue = 0.02 },
    },
  }
  local data
  if folder ~= "" then
    pictures.path = folder
    data = wb.data.folder(pictures)
  else
    -- Drawn herbarium sheets, half of them stained as by mercury.
    wb.plugin "herbarium_sheets"
    pictures.task, pictures.sheets = "stained", sheets
    data = wb.data.herbarium_sheets(pictures)
  end

  local network = wb.sequential {
    wb.input { size, size, 3 },
    stage(16), stage(32), stage(64), stage(128),
    -- How much of each pattern there is, wherever it is; and from that, the class.
    wb.global_average_pool(), wb.dropout { rate = 0.2 },
    wb.linear { units = #data.classes },
  }

  local run = wb.train {
    model         = network,
    data          = data,
    batch         = 16,
    epochs        = epochs,
    loss          = wb.loss.ce { label_smoothing = 0.1 },
    optimizer     = wb.optimizer.adamw { learning_rate = 2e-3, weight_decay = 0.01 },
    schedule      = wb.schedule.cosine { warmup = 2 },
    class_weights = "balanced",   -- a rare class counts as much as a frequent one
    stop          = { monitor = "validation.loss", patience = 15 },
  }

  local evaluation = wb.evaluate { model = run.best, data = data, split = "test" }
  evaluation:save()
  wb.result("test accuracy", evaluation.accuracy)
end)
