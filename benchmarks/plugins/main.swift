// What it costs that a layer is a plugin's: both copy their input, called as a plan calls them.
//
//   swift build -c release && .build/release/plugin-bench .build/release/libtest_layers.so
//
// The two are timed in turns, so that what else runs on the machine slows both; medians of the rounds are printed.

import Foundation
import Layers
import PluginHost
import Schemas
import Tensors

let rounds = 41
let callsEachRound = 20_000

/// Nanoseconds of one call.
func nanoseconds(_ operation: any Layers.Operation, _ frame: Frame) throws -> Double {
  let clock = ContinuousClock()
  let duration = try clock.measure { for _ in 0..<callsEachRound { try operation.forward(frame) } }
  let parts = duration.components
  return (Double(parts.seconds) * 1e9 + Double(parts.attoseconds) * 1e-9) / Double(callsEachRound)
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

guard CommandLine.arguments.count == 2 else {
  FileHandle.standardError.write(Data("usage: plugin-bench libtest_layers.so\n".utf8))
  exit(2)
}
try PluginHost.shared.load(file: CommandLine.arguments[1])
let pool = WorkerPool(workerCount: 1)

for count in [16, 1024, 16384] {
  let request = OperationRequest(inputShapes: [[count]], maximumBatch: 1, isTraining: true)
  // Dropout that drops nothing copies.
  let builtIn = try LayerRegistry.layer(named: "dropout", options: ["rate": .number(0)]).makeOperation(request)
  let plugged = try LayerRegistry.layer(named: "test_copy").makeOperation(request)
  let (input, output) = (Tensor([count]), Tensor([count]))
  var frame = Frame(batch: 1, pool: pool, samples: [0])
  frame.inputs = [UnsafePointer(input.pointer)]
  frame.output = output.pointer
  var times: (builtIn: [Double], plugged: [Double]) = ([], [])
  for _ in 0..<rounds {
    times.builtIn.append(try nanoseconds(builtIn, frame))
    times.plugged.append(try nanoseconds(plugged, frame))
  }
  withExtendedLifetime((input, output)) {}
  let (a, b) = (median(times.builtIn), median(times.plugged))
  print(
    String(
      format: "copy of %6d floats: built in %8.1f ns, plugin %8.1f ns, difference %+7.1f ns a call", count, a, b, b - a)
  )
}
