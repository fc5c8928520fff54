import Layers
import Networks
import Schemas
import Tensors

/// Layers with every habit that the memory plan must get along with, simple enough to be right by inspection.

/// `y = factor x`: reads nothing in backward, works in place both ways.
struct ScaleLayer: BuiltInLayer {
  static let schema = Schema("scale", help: "")
  let options: Options
  let factor: Float

  init(options: Options) throws { try self.init(factor: 1.5) }

  init(factor: Float) throws {
    options = try Options([:], schema: Self.schema)
    self.factor = factor
  }

  func signature(for inputs: [Shape]) throws -> LayerSignature { LayerSignature(outputShape: inputs[0]) }

  func makeOperation(_ request: OperationRequest) -> any Operation { Computation(factor, request.inputShapes[0].count) }

  final class Computation: Operation {
    let factor: Float
    let count: Int

    init(_ factor: Float, _ count: Int) {
      self.factor = factor
      self.count = count
    }

    var canRunForwardInPlace: Bool { true }
    var canRunBackwardInPlace: Bool { true }

    func forward(_ frame: Frame) {
      for i in 0..<count * frame.batch { frame.output[i] = factor * frame.inputs[0][i] }
    }

    func backward(_ frame: Frame) {
      for i in 0..<count * frame.batch { frame.inputGradients[0]?[i] = factor * frame.outputGradient[i] }
    }
  }
}

/// `y = x^2 weight`: reads its inputs in backward, may write the gradient over them, has a parameter and scratch memory.
struct SquareLayer: BuiltInLayer {
  static let schema = Schema("square", help: "")
  let options: Options

  init(options: Options) throws { self.options = options }

  init() throws { options = try Options([:], schema: Self.schema) }

  func signature(for inputs: [Shape]) throws -> LayerSignature {
    LayerSignature(
      outputShape: inputs[0],
      parameters: [ParameterSpec("weight", [inputs[0].count], .heUniform, fanIn: 6, l2: 0.25)])
  }

  func makeOperation(_ request: OperationRequest) -> any Operation { Computation(request.inputShapes[0].count) }

  final class Computation: Operation {
    let count: Int

    init(_ count: Int) { self.count = count }

    var backwardReads: BackwardReads { .inputs }
    var canOverwriteInputWithInputGradient: Bool { true }
    var savedCount: Int { 3 }
    var workspaceCount: Int { 2 * count }

    func forward(_ frame: Frame) {
      for i in 0..<2 * count { frame.workspace[i] = 7 }
      for i in 0..<3 { frame.saved[i] = Float(i) }
      for n in 0..<frame.batch {
        for i in 0..<count {
          let x = frame.inputs[0][n * count + i]
          frame.output[n * count + i] = x * x * frame.parameters[0][i]
        }
      }
    }

    func backward(_ frame: Frame) {
      for i in 0..<2 * count { frame.workspace[i] = -7 }
      let intact = (0..<3).allSatisfy { frame.saved[$0] == Float($0) }
      for i in 0..<count {
        var sum: Float = intact ? 0 : .nan
        for n in 0..<frame.batch {
          let x = frame.inputs[0][n * count + i]
          sum += frame.outputGradient[n * count + i] * x * x
        }
        frame.parameterGradients[0]?[i] = sum
      }
      guard let target = frame.inputGradients[0] else { return }
      for n in 0..<frame.batch {
        for i in 0..<count {
          let at = n * count + i
          target[at] = 2 * frame.inputs[0][at] * frame.parameters[0][i] * frame.outputGradient[at]
        }
      }
    }
  }
}

/// `y = x / (1 + |x|)`: reads its output in backward, works in place both ways.
struct SoftSignLayer: BuiltInLayer {
  static let schema = Schema("soft_sign", help: "")
  let options: Options

  init(options: Options) throws { self.options = options }

  init() throws { options = try Options([:], schema: Self.schema) }

  func signature(for inputs: [Shape]) throws -> LayerSignature { LayerSignature(outputShape: inputs[0]) }

  func makeOperation(_ request: OperationRequest) -> any Operation { Computation(request.inputShapes[0].count) }

  final class Computation: Operation {
    let count: Int

    init(_ count: Int) { self.count = count }

    var backwardReads: BackwardReads { .output }
    var canRunForwardInPlace: Bool { true }
    var canRunBackwardInPlace: Bool { true }

    func forward(_ frame: Frame) {
      for i in 0..<count * frame.batch {
        let x = frame.inputs[0][i]
        frame.output[i] = x / (1 + abs(x))
      }
    }

    func backward(_ frame: Frame) {
      for i in 0..<count * frame.batch {
        let slope = 1 - abs(frame.output[i])
        frame.inputGradients[0]?[i] = slope * slope * frame.outputGradient[i]
      }
    }
  }
}

/// `y = a b` of two inputs of one shape, or `y = a + b`; works in place where that is right.
struct PairLayer: BuiltInLayer {
  static let schema = Schema("pair", help: "")
  let options: Options
  let multiplies: Bool

  init(options: Options) throws { try self.init(multiplies: true) }

  init(multiplies: Bool) throws {
    options = try Options([:], schema: Self.schema)
    self.multiplies = multiplies
  }

  func signature(for inputs: [Shape]) throws -> LayerSignature {
    guard inputs.count == 2 else { throw LayerError.inputCount(expected: "two inputs", found: inputs.count) }
    guard inputs[0] == inputs[1] else { throw LayerError.shapesDiffer(inputs[0], inputs[1]) }
    return LayerSignature(outputShape: inputs[0])
  }

  func makeOperation(_ request: OperationRequest) -> any Operation {
    Computation(multiplies, request.inputShapes[0].count)
  }

  final class Computation: Operation {
    let multiplies: Bool
    let count: Int

    init(_ multiplies: Bool, _ count: Int) {
      self.multiplies = multiplies
      self.count = count
    }

    var backwardReads: BackwardReads { multiplies ? .inputs : [] }
    var canRunForwardInPlace: Bool { true }
    var canRunBackwardInPlace: Bool { true }

    func forward(_ frame: Frame) {
      for i in 0..<count * frame.batch {
        let (a, b) = (frame.inputs[0][i], frame.inputs[1][i])
        frame.output[i] = multiplies ? a * b : a + b
      }
    }

    func backward(_ frame: Frame) {
      for i in 0..<count * frame.batch {
        let gradient = frame.outputGradient[i]
        let (a, b) = multiplies ? (frame.inputs[0][i], frame.inputs[1][i]) : (1, 1)
        frame.inputGradients[0]?[i] = gradient * b
        frame.inputGradients[1]?[i] = gradient * a
      }
    }
  }
}

/// Halves the length: a change of shape. `y[i] = x[2i] + x[2i + 1]`.
struct HalveLayer: BuiltInLayer {
  static let schema = Schema("halve", help: "")
  let options: Options

  init(options: Options) throws { self.options = options }

  init() throws { options = try Options([:], schema: Self.schema) }

  func signature(for inputs: [Shape]) throws -> LayerSignature {
    guard inputs[0].rank == 1, inputs[0][0] % 2 == 0 else {
      throw LayerError.inputRank(expected: "a vector of even length", found: inputs[0])
    }
    return LayerSignature(outputShape: [inputs[0][0] / 2])
  }

  func makeOperation(_ request: OperationRequest) -> any Operation { Computation(request.inputShapes[0].count / 2) }

  final class Computation: Operation {
    let count: Int

    init(_ count: Int) { self.count = count }

    func forward(_ frame: Frame) {
      for i in 0..<count * frame.batch { frame.output[i] = frame.inputs[0][2 * i] + frame.inputs[0][2 * i + 1] }
    }

    func backward(_ frame: Frame) {
      for i in 0..<count * frame.batch {
        frame.inputGradients[0]?[2 * i] = frame.outputGradient[i]
        frame.inputGradients[0]?[2 * i + 1] = frame.outputGradient[i]
      }
    }
  }
}
