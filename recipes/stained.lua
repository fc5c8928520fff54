-- Stained or not: the first network of
--
--   Schuettpelz et al. (2017), Applications of deep convolutional neural networks to digitized natural history
--   collections. Biodiversity Data Journal 5: e21139. Table 1.
--
-- It found the herbarium sheets that were once treated with mercury, by the stains that are left, with 90 % accuracy.
-- It learns any other classes just as well: one sub-folder a class, or a table of files with their classes.
--
--   workbench run   recipes/stained.lua                          trains it on sheets that are drawn for the purpose
--   workbench check recipes/stained.lua --set data=FOLDER        what it is, and what it will cost
--   workbench run   recipes/stained.lua --set data=FOLDER        trains it; everything goes to a folder in runs/

local wb = require "workbench"

-- Parameters. `--set name=value` changes one for a run; the type is that of the default.
local folder  = wb.param("data", "", "folder with one sub-folder a class, or with a labels.tsv; without, sheets are drawn")
local sheets  = wb.param("sheets", 1000, "how many herbarium sheets are drawn where there is no folder")
local size    = wb.param("size", 256, "height and width of the pictures that the network sees")
local epochs  = wb.param("epochs", 36, "passes over the training pictures, at most")
local batch   = wb.param("batch", 16, "pictures a step")
local rate    = wb.param("rate", 6e-4, "highest learning rate")
local repeats = wb.param("repeats", 1, "how often all is done anew, with seed, seed + 1, ...")

-- The paper drew fresh partitions "each time before training the network". Everything in this function is done once for
-- each seed: with `--set repeats=3`, mean and standard deviation are printed at the end.
wb.repeats(repeats, function()

  -- 70 % of the pictures are for training, 20 % for validation, 10 % for the test, drawn at random, class by class.
  -- Where the data come with splits of their own (a column `split` in labels.tsv), these are kept.
  local pictures = {
    size  = size,
    split = { train = 0.7, validation = 0.2, test = 0.1 },

    -- Each time a picture is shown it is changed a little, so that the network cannot learn it by heart. A specimen
    -- stays what it is when it is mirrored, moved, or lit otherwise.
    augment = {
      wb.augment.flip_horizontal(),
      wb.augment.random_resized_crop { area = { 0.5, 1 } },
      wb.augment.colour_jitter { brightness = 0.15, contrast = 0.3, saturation = 0.3, hue = 0 },
    },
  }
  local data
  if folder ~= "" then
    pictures.path = folder
    data = wb.data.folder(pictures)
  else
    -- Drawn sheets of pressed clubmosses and spikemosses, half of them stained.
    wb.plugin "herbarium_sheets"
    pictures.task, pictures.sheets = "stained", sheets
    data = wb.data.herbarium_sheets(pictures)
  end

  -- Table 1, line by line. For 256 x 256 pictures and two classes: 4,150,830 parameters.
  local network = wb.sequential {
    wb.input { size, size, 3 },

    -- Four times: look for patterns (convolution), bring the numbers to a common scale (batch norm), keep what was
    -- found (ReLU), and look at the whole from twice as far away (pooling).
    wb.conv2d { filters = 16, kernel = 5 }, wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },
    wb.conv2d { filters = 32, kernel = 5 }, wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },
    wb.conv2d { filters = 64, kernel = 5 }, wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },
    wb.conv2d { filters = 48, kernel = 3 }, wb.batch_norm { momentum = 0.9 }, wb.relu(), wb.max_pool { window = 2 },

    -- Then weigh everything that was seen against everything else. Dropout blanks half of it at every step, at random,
    -- so that the verdict never hangs on a single detail.
    wb.flatten(), wb.dropout { rate = 0.5 },
    wb.linear { units = 500 }, wb.relu(),
    wb.linear { units = #data.classes },
    wb.softmax(),
  }

  local run = wb.train {
    model     = network,
    data      = data,
    batch     = batch,
    epochs    = epochs,
    loss      = wb.loss.ce { label_smoothing = 0.1 },
    optimizer = wb.optimizer.adamw { learning_rate = rate, weight_decay = 0.05 },
    -- Small steps at first, while the network knows nothing, and again at the end, when only details are left.
    schedule  = wb.schedule.cosine { warmup = 1 },
    -- A rare class counts as much as a frequent one.
    class_weights = "balanced",
    -- Stops when the validation pictures have not been told apart better for 12 epochs; `run.best` is the best epoch.
    stop      = { monitor = "validation.loss", patience = 12 },
  }

  -- The test pictures have played no part so far: this is the figure that counts.
  local evaluation = wb.evaluate { model = run.best, data = data, split = "test" }
  evaluation:save()   -- predictions.tsv, confusion.tsv, classes.tsv, rejection.tsv and report.html
  wb.result("test accuracy", evaluation.accuracy)
end)
