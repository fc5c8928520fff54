/// The order of `model.layers` in Keras, by which the groups of the weights file are counted: the layers that are
/// farthest from the output first; of those equally far the one first met on a walk back from the output.
///
/// Keras finds it anew from the graph when it loads a file: the order in `config.json` means nothing.
enum KerasLayerOrder {
  /// - Parameters:
  ///   - inputs: what feeds each layer; smaller numbers than its own.
  ///   - output: the model's.
  /// - Returns: the layers that the output needs.
  static func of(inputs: [[Int]], output: Int) -> [Int] {
    let distances = distances(inputs)
    let visits = visits(inputs, from: output)
    return inputs.indices.filter { visits[$0] >= 0 }
      .sorted { (distances[$1], visits[$0]) < (distances[$0], visits[$1]) }
  }

  /// The longest way to the output, in layers.
  private static func distances(_ inputs: [[Int]]) -> [Int] {
    var result = [Int](repeating: 0, count: inputs.count)
    for layer in inputs.indices.reversed() {
      for input in inputs[layer] { result[input] = max(result[input], result[layer] + 1) }
    }
    return result
  }

  /// When a walk, depth first and a layer's inputs in order, comes to each layer; -1: never.
  private static func visits(_ inputs: [[Int]], from output: Int) -> [Int] {
    var result = [Int](repeating: -1, count: inputs.count)
    var count = 0
    var stack = [output]
    while let layer = stack.popLast() {
      if result[layer] >= 0 { continue }
      result[layer] = count
      count += 1
      stack += inputs[layer].reversed()
    }
    return result
  }
}
