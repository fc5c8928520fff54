-- Herbariograph's whole training, from nothing to an evaluated soup:
--
--   teacher -> distil -> transplant -> transfer (five stages) -> soup -> evaluate
--
--   workbench run recipes/herbariograph/all.lua --set settings=small --set data=mine-96
--   workbench check recipes/herbariograph/all.lua --set settings=small --set data=mine-96
--
-- `data` is the beginning of the names that `workbench data pack` has written: mine-96-train.tfr, mine-96-classes.tsv, ...
-- Where it stopped, `workbench run ... --resume` goes on: stages that are finished are loaded. docs/herbariograph.md
-- explains the parameters.

local wb = require "workbench"
local steps = require "lib.herbariograph"

-- First, so that a wrong path or number is said before hours of work.
local data = steps.target(steps.transferAugmentations())
steps.checkParameters(steps.network(#data.classes, data.height))

local student = steps.distil(steps.teacher())
local start   = steps.transplant(student, data)
local run     = steps.transfer(start, data)
local model   = steps.soup(run.checkpoints, data)

steps.evaluate(model, data)

local unknown = wb.param("pictures", "", "a file or folder of pictures to predict at the end")
if unknown ~= "" then steps.predict(model, unknown) end
