import Schemas

/// Arithmetic on tensors: `x + y`, `x * y`, `x / 127.5 - 1`.
extension KerasTranslator {
  /// `TFOpLambda`, as Keras 2 notes an operator.
  static func operatorOfKeras2(_ o: inout KerasOptions) throws(KerasFileError) -> KerasTranslation {
    let function = o.value("function")?.string ?? ""
    let names = [
      "__operators__.add": "Add", "math.add": "Add", "math.multiply": "Multiply", "__operators__.mul": "Multiply",
      "math.subtract": "Subtract", "__operators__.sub": "Subtract", "math.truediv": "TrueDivide",
      "math.divide": "TrueDivide", "__operators__.truediv": "TrueDivide",
    ]
    guard let name = names[function] else {
      throw .unknownClass(layer: o.layer.name, className: "the function '\(function.prefix(60))' (TFOpLambda)")
    }
    return try operation(&o, function: name)
  }

  /// - Parameter function: the class of Keras 3's operation.
  static func operation(_ o: inout KerasOptions, function: String) throws(KerasFileError) -> KerasTranslation {
    let arguments = o.layer.calls.first?.arguments ?? []
    guard arguments.count == 2, ["Add", "Multiply", "Subtract", "TrueDivide", "Divide"].contains(function) else {
      throw .unknownClass(layer: o.layer.name, className: "the operation '\(function.prefix(60))'")
    }
    switch (arguments[0], arguments[1]) {
    case (.layer, .layer): return try pair(o, function: function)
    case (.layer, .number(let number)):
      switch function {
      case "Add": return rescale(1, number)
      case "Subtract": return rescale(1, -number)
      case "Multiply": return rescale(number, 0)
      default:
        if number != 0 { return rescale(1 / number, 0) }
        throw .graph(reason: "divides by 0 in layer \(o.layer.name)")
      }
    case (.number(let number), .layer):
      switch function {
      case "Add": return rescale(1, number)
      case "Subtract": return rescale(-1, number)
      case "Multiply": return rescale(number, 0)
      default: throw .unknownClass(layer: o.layer.name, className: "a number divided by a layer's output")
      }
    case (.number, .number): throw .graph(reason: "feeds layer \(o.layer.name) with numbers only")
    }
  }

  private static func rescale(_ scale: Double, _ offset: Double) -> KerasTranslation {
    KerasTranslation(.init("rescale", ["scale": .number(scale), "offset": .number(offset)]))
  }

  /// Operators line axes up at the end, as NumPy does: a vector would meet the width of a batch of pictures.
  private static func pair(_ o: KerasOptions, function: String) throws(KerasFileError) -> KerasTranslation {
    guard function == "Add" || function == "Multiply" else {
      throw .unknownClass(layer: o.layer.name, className: "the operation '\(function)' of two layers")
    }
    guard o.inputs.count == 2, o.inputs[0].rank == o.inputs[1].rank else {
      throw .graph(
        reason: "combines outputs with different numbers of axes in \(o.layer.name), which workbench does not do")
    }
    let isCollapsed = o.inputs.allSatisfy { $0.shape.rank == 1 } && o.inputs[0].isCollapsed
    return KerasTranslation(.init(function == "Add" ? "add" : "multiply"), isCollapsed: isCollapsed)
  }
}
