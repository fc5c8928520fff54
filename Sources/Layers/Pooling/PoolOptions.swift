import Kernels
import Schemas
import Tensors

/// The options that all poolings over windows share.
public struct PoolOptions: Sendable {
  public let window: (Int, Int)
  public let stride: (Int, Int)
  public let padsSame: Bool

  static let schema: [OptionSchema] = [
    OptionSchema(
      "window", .either([.integer, .list(.integer)]), default: .integer(2), minimum: 1, maximum: 4096,
      help: "Side of the window: one integer, or { height, width }."),
    OptionSchema(
      "stride", .either([.integer, .list(.integer)]), minimum: 1, maximum: 4096,
      help: "Step of the window: one integer, or { height, width }; the window's size unless given."),
    OptionSchema(
      "padding", .choice(["valid", "same"]), default: .string("valid"),
      help: "'same' gives input / stride rounded up; padding is never counted."),
  ]

  /// - Throws: `LayerError.options` when a list has not two members.
  init(_ options: Options) throws {
    for name in ["window", "stride"] {
      if case .list(let sides)? = options[name], sides.count != 2 {
        throw LayerError.options("'\(name)' must be one integer or a list of two, not of \(sides.count)")
      }
    }
    window = options.pair("window")
    stride = options["stride"] == nil ? window : options.pair("stride")
    padsSame = options.string("padding") == "same"
  }

  func geometry(for input: Shape) -> PoolGeometry {
    PoolGeometry(
      inputHeight: input[0], inputWidth: input[1], channels: input[2], window: window, stride: stride, same: padsSame)
  }

  /// The shape of the pooled picture.
  ///
  /// - Throws: `LayerError` when the input is no picture or the window does not fit.
  func signature(for inputs: [Shape]) throws -> LayerSignature {
    let input = try onePicture(inputs)
    let geometry = geometry(for: input)
    if geometry.outputCount == 0 {
      throw LayerError.windowTooLarge(what: "window", window: [window.0, window.1], input: input)
    }
    return LayerSignature(
      outputShape: [geometry.outputHeight, geometry.outputWidth, geometry.channels],
      flops: geometry.outputCount * window.0 * window.1)
  }
}

extension PoolGeometry {
  /// Output rows of a tile: about 16,384 input values.
  var bandRows: Int { max(1, 16384 / max(1, inputWidth * channels * strideHeight)) }
}

/// Calls `body(image, firstRow, endRow)` for bands of output rows that cover the batch. Bands share no input rows; a
/// pooling with overlapping windows has one band an image.
func forEachPoolBand(
  _ pool: WorkerPool, _ geometry: PoolGeometry, batch: Int, separateInputs: Bool,
  _ body: (_ image: Int, _ firstRow: Int, _ endRow: Int) -> Void
) {
  let rows = separateInputs && !geometry.isDisjoint ? geometry.outputHeight : geometry.bandRows
  let bands = (geometry.outputHeight + rows - 1) / rows
  pool.forEachTile(batch * bands) { tile, _ in
    let first = tile % bands * rows
    body(tile / bands, first, min(geometry.outputHeight, first + rows))
  }
}
