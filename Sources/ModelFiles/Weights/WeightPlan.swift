import Layers
import Networks
import Schemas
import Tensors

/// What is to be loaded from a file of tensors.
public struct WeightRequest: Equatable, Sendable {
  /// A safetensors file, or a checkpoint of PyTorch.
  public var path: String
  /// The table of a PyTorch file that holds the tensors, such as `model_ema`; nil: where it usually is.
  public var key: String?
  /// Layers whose numbers stay as they are.
  public var except: [String] = []
  /// Whether every parameter must be in the file, and every tensor of the file in the network.
  public var isStrict = true

  public init(path: String) { self.path = path }
}

/// What became of a file's tensors and of a network's parameters.
public struct WeightReport: Equatable, Sendable {
  /// Position vectors that were interpolated to another grid.
  public struct Fit: Equatable, Sendable {
    public let parameter: String
    public let from: PositionGrid
    public let to: PositionGrid

    package init(parameter: String, from: PositionGrid, to: PositionGrid) {
      self.parameter = parameter
      self.from = from
      self.to = to
    }
  }

  /// Parameters that the file has given.
  public internal(set) var loaded: [String] = []
  /// Those of them that were made to fit.
  public internal(set) var fitted: [Fit] = []
  /// Parameters that stay as they are: of layers in `except`, or, unless it is strict, without a tensor that fits.
  public internal(set) var kept: [String] = []
  /// Tensors of the file that nothing was done with.
  public internal(set) var unused: [String] = []
}

/// Which tensor of a file becomes which parameter of a network. Made from names and shapes, before a number is read.
public struct WeightPlan {
  private struct Item {
    let parameter: String
    let tensor: String
    let layout: TorchLayout
  }

  public private(set) var report = WeightReport()
  private let source: any WeightSource
  private var items: [Item] = []
  private var problems: [WeightError.Problem] = []

  /// Tensors that a network does not need: counters, and tables that follow from its shape.
  private static let needless = ["num_batches_tracked", "relative_position_index"]

  /// - Throws: `ModelFileError`; `.weights` with `.doesNotFit` when the request is strict and not everything fits,
  ///   with `.nothingLoaded` when no parameter would be loaded.
  public init(network: Network, request: WeightRequest) throws(ModelFileError) {
    source = try WeightFile.open(request.path, key: request.key)
    do throws(WeightError) {
      try match(network, request)
    } catch {
      throw .weights(path: request.path, error)
    }
  }

  private mutating func match(_ network: Network, _ request: WeightRequest) throws(WeightError) {
    let layers = network.nodes.filter { $0.parameterCount > 0 }
    for name in request.except where !layers.contains(where: { $0.name == name }) {
      throw .unknownLayer(name: name, suggestion: nearest(to: name, among: layers.map(\.name)))
    }
    let shapes = Dictionary(source.shapes.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    var used: Set<String> = []
    for node in layers {
      let layouts: [TorchLayout]
      if request.except.contains(node.name) {
        report.kept += node.parameterNames
        // Its tensors need not fit, nor be of a kind that is known.
        layouts = []
      } else {
        layouts = try TorchLayout.of(node, in: network)
      }
      let modules = TimmNames.modules(ofLayer: node.name)
      if layouts.isEmpty {
        for name in shapes.keys where modules.contains(where: { name == $0 || name.hasPrefix($0 + ".") }) {
          used.insert(name)
          report.unused.append(name)
        }
        continue
      }
      let module = modules.first { module in
        layouts.contains { shapes[$0.tensorName(module: module)] != nil }
      }
      for (layout, parameter) in zip(layouts, node.parameterNames) {
        take(layout, parameter, tensor: layout.tensorName(module: module ?? modules[0]), shapes, &used)
      }
    }
    let rest = source.shapes.map(\.name).filter { name in
      !used.contains(name) && !WeightPlan.needless.contains { name.hasSuffix($0) }
    }
    problems += rest.map { .unused(tensor: $0) }
    report.unused = (report.unused + rest).sorted()
    if request.isStrict, !problems.isEmpty { throw .doesNotFit(problems) }
    if report.loaded.isEmpty {
      let wanted = problems.compactMap { if case .missing(_, let tensor) = $0 { tensor } else { nil } }.first
      throw .nothingLoaded(wanted: wanted, found: source.shapes.map(\.name))
    }
  }

  private mutating func take(
    _ layout: TorchLayout, _ parameter: String, tensor: String, _ shapes: [String: Shape], _ used: inout Set<String>
  ) {
    guard let found = shapes[tensor] else {
      problems.append(.missing(parameter: parameter, tensor: tensor))
      return report.kept.append(parameter)
    }
    guard layout.accepts(found) else {
      used.insert(tensor)
      report.unused.append(tensor)
      problems.append(
        .shape(parameter: parameter, tensor: tensor, wanted: layout.torchShape, found: found.dimensions))
      return report.kept.append(parameter)
    }
    used.insert(tensor)
    report.loaded.append(parameter)
    if case .positions(let grid?) = layout.order, let from = layout.sourceGrid(found) {
      report.fitted.append(WeightReport.Fit(parameter: parameter, from: from, to: grid))
    }
    items.append(Item(parameter: parameter, tensor: tensor, layout: layout))
  }

  /// Reads the numbers into the parameters of the network that the plan was made for.
  ///
  /// - Throws: `ModelFileError`; some parameters are changed then.
  public func load(into parameters: ParameterSet) throws(ModelFileError) {
    for item in items {
      guard let target = parameters[item.parameter] else {
        throw .missingParameter(name: item.parameter, path: source.path)
      }
      item.layout.convert(try source.tensor(item.tensor), into: target)
      guard target.buffer.allSatisfy(\.isFinite) else {
        throw .weights(path: source.path, .notFinite(tensor: item.tensor))
      }
    }
  }
}
