import Schemas

extension Preprocessing {
  /// The options of a recipe's data source that say how its pictures are read.
  public static let optionSchemas: [OptionSchema] = [
    OptionSchema(
      "size", .either([.integer, .list(.integer)]), required: true, minimum: 1, maximum: Double(maximumSide),
      help: "height and width of the network's input, or one number for both"),
    OptionSchema(
      "decoder", .choice(DecoderMode.allCases.map(\.rawValue)), default: .string("accurate"),
      help: "accurate: exact DCT, EXIF orientation applied; tensorflow: as TensorFlow decodes"),
    OptionSchema(
      "dct_scaling", .boolean, default: .boolean(true),
      help: "decode a JPEG that is far larger than needed at a fraction of its size"),
    OptionSchema(
      "resize", .choice(ResizeMode.allCases.map(\.rawValue)), default: .string("area"),
      help: "area: antialiased; bilinear: as tf.image.resize"),
    OptionSchema(
      "fit", .choice(FitMode.allCases.map(\.rawValue)), default: .string("stretch"),
      help: "stretch the picture, pad it to the input's proportion, or crop its middle"),
    OptionSchema(
      "pad_colour", .list(.integer), default: .list([.integer(255), .integer(255), .integer(255)]), minimum: 0,
      maximum: 255, help: "red, green and blue around a padded picture"),
    OptionSchema(
      "rounded", .boolean, default: .boolean(true), help: "round resized pixels to whole numbers of 0 to 255"),
    OptionSchema(
      "range", .list(.number), default: .list([.number(0), .number(1)]),
      help: "what black and white become in the network's input"),
  ]

  /// - Parameter options: checked against a schema that contains `optionSchemas`.
  /// - Throws: `PreprocessingError` when they cannot be.
  public init(options: Options) throws(PreprocessingError) {
    if case .list(let sides)? = options["size"], sides.count != 2 { throw .sizeCount(sides.count) }
    let (height, width) = options.pair("size")
    self.init(
      height: height, width: width,
      decoder: DecoderMode(rawValue: options.string("decoder")) ?? .accurate,
      dctScaling: options.boolean("dct_scaling"),
      resize: ResizeMode(rawValue: options.string("resize")) ?? .area,
      fit: FitMode(rawValue: options.string("fit")) ?? .stretch,
      padColour: options.integers("pad_colour").map { UInt8(clamping: $0) },
      rounded: options.boolean("rounded"),
      range: options.numbers("range").map { Float($0) })
    try validate()
  }
}
