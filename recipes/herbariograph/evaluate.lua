-- Loss, accuracy, AUCPR and macro F1 of a model on test records: step 6 of Herbariograph.
--
--   workbench run recipes/herbariograph/evaluate.lua --set model=soup.safetensors --set data=herbariograph-96
--
-- predictions.tsv, confusion.tsv, classes.tsv, rejection.tsv and report.html go to the run folder.

local wb = require "workbench"
local steps = require "lib.herbariograph"

local data = steps.target()
local path = wb.param("model", "soup.safetensors", "the model of soup.lua, or any other")
local model = path:find("%.keras$") and wb.load { path = path, size = data.height, labels = data.classes }
  or wb.load(path)
steps.evaluate(model, data)
