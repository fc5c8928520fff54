-- Two families that look alike: the second network of
--
--   Schuettpelz et al. (2017), Applications of deep convolutional neural networks to digitized natural history
--   collections. Biodiversity Data Journal 5: e21139. Table 2.
--
-- It told clubmosses (Lycopodiaceae) from spikemosses (Selaginellaceae) on herbarium sheets with 96 % accuracy. It is
-- wider and shallower than `stained.lua`: only two convolutions, but 74 million weights behind them.
--
--   workbench run   recipes/families.lua                         trains it on sheets that are drawn for the purpose
--   workbench check recipes/families.lua --set data=FOLDER       what it is, and what it will cost
--   workbench run   recipes/families.lua --set data=FOLDER       trains it; everything goes to a folder in runs/

local wb = require "workbench"

local folder  = wb.param("data", "", "folder with one sub-folder a class, or with a labels.tsv; without, sheets are drawn")
local sheets  = wb.param("sheets", 1000, "how many herbarium sheets are drawn where there is no folder")
local size    = wb.param("size", 256, "height and width of the pictures that the network sees")
local epochs  = wb.param("epochs", 30, "passes over the training pictures, at most")
local batch   = wb.param("batch", 32, "pictures a step")
local rate    = wb.param("rate", 2e-4, "highest learning rate")
local repeats = wb.param("repeats", 1, "how often all is done anew, with seed, seed + 1, ...")

-- All is done once for each seed, with a fresh partition, as in the paper.
wb.repeats(repeats, function()

  -- Shares of a random partition; splits that the data have themselves are kept.
  local pictures = {
    size    = size,
    split   = { train = 0.7, validation = 0.2, test = 0.1 },
    augment = {
      wb.augment.flip_horizontal(),
      wb.augment.random_resized_crop { area = { 0.6, 1 } },
      wb.augment.colour_jitter { brightness = 0.1, contrast = 0.1, saturation = 0.1, hue = 0 },
    },
  }
  local data
  if folder ~= "" then
    pictures.path = folder
    data = wb.data.folder(pictures)
  else
    -- Drawn sheets of pressed clubmosses and spikemosses that look alike.
    wb.plugin "herbarium_sheets"
    pictures.task, pictures.sheets = "families", sheets
    data = wb.data.herbarium_sheets(pictures)
  end

  -- Table 2, line by line. For 256 x 256 pictures and two classes: 74,432,402 parameters, nearly all of them in the
  -- one `linear` that sees 148,840 numbers.
  local network = wb.sequential {
    wb.input { size, size, 3 },
    wb.conv2d { filters = 10, kernel = 5 }, wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },
    wb.conv2d { filters = 40, kernel = 5 }, wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },
    wb.flatten(), wb.dropout { rate = 0.5 },
    wb.linear { units = 500 }, wb.relu(),
    wb.linear { units = #data.classes },
    wb.softmax(),
  }

  local run = wb.train {
    model         = network,
    data          = data,
    batch         = batch,
    epochs        = epochs,
    loss          = wb.loss.ce { label_smoothing = 0.05 },
    -- So many weights would learn the training pictures by heart: small steps, and a pull towards zero.
    optimizer     = wb.optimizer.adamw { learning_rate = rate, weight_decay = 0.01 },
    schedule      = wb.schedule.cosine { warmup = 1 },
    class_weights = "balanced",
    stop          = { monitor = "validation.loss", patience = 8 },
  }

  local evaluation = wb.evaluate { model = run.best, data = data, split = "test" }
  evaluation:save()   -- predictions.tsv, confusion.tsv, classes.tsv, rejection.tsv and report.html
  wb.result("test accuracy", evaluation.accuracy)
end)
