-- Trains a small network with the layer my_plugin behind each convolution.
--
--   workbench run recipe.lua --plugin {file} --set data=FOLDER
--
-- FOLDER holds one sub-folder a class with pictures in it.

local wb = require "workbench"
wb.plugin "my_plugin"

local size = wb.param("size", 64, "height and width of the pictures that the network sees")

local data = wb.data.folder {
  path  = wb.param("data", "specimens", "folder with one sub-folder a class, or with a labels.tsv"),
  size  = size,
  split = { train = 0.7, validation = 0.2, test = 0.1 },
}

local network = wb.sequential {
  wb.input { size, size, 3 },
  wb.conv2d { filters = 16, kernel = 3 }, wb.batch_norm { momentum = 0.9 }, wb.relu(),
  wb.my_plugin(), wb.max_pool { window = 2 },
  wb.conv2d { filters = 32, kernel = 3 }, wb.batch_norm { momentum = 0.9 }, wb.relu(),
  wb.my_plugin(), wb.max_pool { window = 2 },
  wb.global_average_pool(), wb.linear { units = #data.classes },
}

local run = wb.train { model = network, data = data, epochs = wb.param("epochs", 10), batch = 16 }
local evaluation = wb.evaluate { model = run.best, data = data }
evaluation:save()
wb.result("test accuracy", evaluation.accuracy)
