-- The distilled numbers, in a fresh network for the target's classes: step 3 of Herbariograph.
--
--   workbench run recipes/herbariograph/transplant.lua --set student=distilled.safetensors --set data=herbariograph-96
--
-- Leaves tune.safetensors in the run folder, for transfer.lua: all but the output layers is copied by name (transfer.lua freezes it).

local wb = require "workbench"
local steps = require "lib.herbariograph"

local student = wb.load(wb.param("student", "distilled.safetensors", "the model of distil.lua"))
steps.transplant(student, steps.target())
