-- A teacher's knowledge of fractals, distilled onto a ConvNeXt: step 2 of Herbariograph.
--
--   workbench run recipes/herbariograph/distil.lua --set settings=small
--   workbench run recipes/herbariograph/distil.lua --set teacher=vit_base_224.pth.tar --set search_log=optimization-log.tsv
--
-- Leaves distilled.safetensors in the run folder, for transplant.lua. docs/herbariograph.md explains the parameters.

local steps = require "lib.herbariograph"

steps.distil(steps.teacher())
