import Foundation
import ModelFiles
import Networks
import Tensors

// model-logits [--size N] [--save OUT] MODEL PIXELS
//
// Prints the logits of a model for raw float32 pixels ([pictures, height, width, channels]), a line a picture, with all
// digits; --save writes the model anew, in the format of the extension. scripts/check-keras compares them with Keras.

var arguments = Array(CommandLine.arguments.dropFirst())
@MainActor func option(_ name: String) -> String? {
  guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
  defer { arguments.removeSubrange(index...index + 1) }
  return arguments[index + 1]
}
let size = option("--size").flatMap(PictureSize.init(text:))
let output = option("--save")
guard arguments.count == 2 else {
  FileHandle.standardError.write(Data("usage: model-logits [--size N] [--save OUT] MODEL PIXELS\n".utf8))
  exit(2)
}
do {
  let pool = WorkerPool()
  let model = try Model.load(from: arguments[0], importing: ImportOptions(size: size), pool: pool)
  if let output { try model.save(to: output, pool: pool) }
  let bytes = try Data(contentsOf: URL(fileURLWithPath: arguments[1]))
  let example = model.network.inputShape.count
  let count = bytes.count / 4 / example
  let pixels = Tensor([count, example])
  bytes.withUnsafeBytes { _ = $0.copyBytes(to: UnsafeMutableRawBufferPointer(pixels.buffer)) }
  let plan = try InferencePlan(network: model.network, parameters: model.parameters, batch: 1, pool: pool)
  for picture in 0..<count {
    let logits = try plan.forward(pixels: pixels.pointer + picture * example, count: 1)
    print((0..<model.network.classCount).map { "\(logits[$0])" }.joined(separator: " "))
  }
} catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  exit(1)
}
