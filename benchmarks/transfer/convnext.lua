-- ConvNeXt of Herbariograph, of which some layers are frozen, for `workbench bench --train`:
--
--   workbench bench benchmarks/transfer/convnext.lua --train --batch 64 --set data=FOLDER --set train_from=output_gap
--   workbench bench benchmarks/transfer/convnext.lua --train --batch 64 --set data=FOLDER
--
-- The folder decides the number of classes; its pictures are not read.

local wb = require "workbench"
local convnext = require "lib.convnext"

local from = wb.param("train_from", "rescale", "the first layer that learns")
local data = wb.data.folder {
  path = wb.param("data", "data", "a folder with a sub-folder for each class"), size = 96,
  split = { train = 0.8, validation = 0.1, test = 0.1 },
}
local network = convnext.herbariograph {
  preset = wb.param("preset", "N", "which ConvNeXt"), classes = #data.classes, size = 96,
}
wb.train { model = network:train_from(from), data = data, batch = 64 }
