import Kernels
import Networks
import Tensors

/// Moves all parameters of a network by one optimizer step: clipping, update and moving average, cut into tiles that
/// the worker pool shares out.
///
/// Without clipping by norm each number is touched in one pass. Tiles are cut from the shapes, and partial sums are
/// added in tile order, so the result does not depend on the number of workers.
public final class ParameterUpdater {
  public let parameters: ParameterSet
  public let optimizer: any Optimizer
  /// The moving average of all parameters, running statistics included; nil when none is kept.
  public let average: ParameterSet?
  /// Arrays of the optimizer, for each entry of `parameters` that is trained: `slots[entry][slot]`.
  public let slots: [[Tensor]]

  private let gradients: [Tensor?]
  private let clipNorm: Double?
  private let clipValue: Double?
  private let averageDecay: Double
  private let factors: [Float]
  private let pool: WorkerPool
  private let tiles: [Tile]
  private let squares: UnsafeMutablePointer<Double>

  /// A range of one entry.
  private struct Tile {
    let entry: Int
    let start: Int
    let count: Int
    let isTrained: Bool
  }

  /// Numbers in a tile: with gradient and two slots 256 KB, about what a core's cache holds.
  static let tileCount = 16384

  /// - Parameters:
  ///   - gradients: parallel to `parameters.entries`; entries with nil are left alone (but averaged).
  ///   - averageDecay: nil: keep no average.
  ///   - learningRateFactors: by layer name; 1 where absent. Decoupled weight decay is multiplied with the rate.
  public init(
    parameters: ParameterSet, gradients: [Tensor?], optimizer: any Optimizer, clipNorm: Double? = nil,
    clipValue: Double? = nil, averageDecay: Double? = nil, learningRateFactors: [String: Double] = [:],
    pool: WorkerPool
  ) {
    self.parameters = parameters
    self.gradients = gradients
    self.optimizer = optimizer
    self.clipNorm = clipNorm
    self.clipValue = clipValue
    self.averageDecay = averageDecay ?? 0
    self.pool = pool
    average = averageDecay == nil ? nil : parameters.copy()
    let slotCount = optimizer.slotNames.count
    slots = zip(parameters.entries, gradients).map { entry, gradient in
      gradient == nil ? [] : (0..<slotCount).map { _ in Tensor(entry.spec.shape) }
    }
    factors = parameters.entries.map { Float(learningRateFactors[$0.layerName] ?? 1) }
    var tiles: [Tile] = []
    for (index, entry) in parameters.entries.enumerated() {
      let isTrained = gradients[index] != nil
      if !isTrained && (averageDecay == nil || entry.isFrozen) { continue }
      for start in stride(from: 0, to: entry.tensor.count, by: ParameterUpdater.tileCount) {
        let count = min(ParameterUpdater.tileCount, entry.tensor.count - start)
        tiles.append(Tile(entry: index, start: start, count: count, isTrained: isTrained))
      }
    }
    self.tiles = tiles
    squares = .allocate(capacity: max(1, tiles.count))
    squares.initialize(repeating: 0, count: max(1, tiles.count))
  }

  deinit { squares.deallocate() }

  /// Takes one step along the gradients.
  ///
  /// - Parameter index: steps taken before this one.
  /// - Returns: the global norm of the gradient, after clipping by value and before clipping by norm. When it is not
  ///   finite, the parameters may be spoilt.
  public func step(index: Int, learningRate: Double) -> Double {
    let step = optimizer.makeStep(index: index, learningRate: learningRate)
    // As TensorFlow's ExponentialMovingAverage with num_updates: early averages forget the start faster.
    let decay = min(averageDecay, Double(1 + index) / Double(10 + index))
    let share = Float(1 - decay)
    guard let clipNorm else {
      forEachTile { tile, number in
        self.prepareGradient(tile, number)
        self.update(tile, step: step, gradientScale: 1)
        self.updateAverage(tile, share: share)
      }
      return sumOfTiles().squareRoot()
    }
    forEachTile { tile, number in self.prepareGradient(tile, number) }
    let norm = sumOfTiles().squareRoot()
    let scale = norm > clipNorm ? Float(clipNorm / norm) : 1
    forEachTile { tile, _ in
      self.update(tile, step: step, gradientScale: scale)
      self.updateAverage(tile, share: share)
    }
    return norm
  }

  private func forEachTile(_ body: (Tile, Int) -> Void) {
    let tiles = self.tiles
    pool.forEachTile(tiles.count) { number, _ in body(tiles[number], number) }
  }

  private func sumOfTiles() -> Double {
    (0..<tiles.count).reduce(0) { $0 + squares[$1] }
  }

  /// Clips by value, and notes the sum of squares.
  private func prepareGradient(_ tile: Tile, _ number: Int) {
    guard let gradient = gradients[tile.entry], tile.isTrained else { return }
    let pointer = gradient.pointer + tile.start
    if let clipValue { clip_values(pointer, count: tile.count, limit: Float(clipValue)) }
    squares[number] = sum_of_squares(pointer, count: tile.count)
  }

  private func update(_ tile: Tile, step: OptimizerStep, gradientScale: Float) {
    guard let gradient = gradients[tile.entry], tile.isTrained else { return }
    let start = tile.start
    let entry = parameters.entries[tile.entry]
    let update = entry.spec.decays ? step.update : step.updateWithoutDecay
    update(
      entry.tensor.pointer + start, UnsafePointer(gradient.pointer + start),
      slots[tile.entry].map { $0.pointer + start }, tile.count, gradientScale, factors[tile.entry])
  }

  private func updateAverage(_ tile: Tile, share: Float) {
    guard let average else { return }
    moving_average(
      average.entries[tile.entry].tensor.pointer + tile.start,
      UnsafePointer(parameters.entries[tile.entry].tensor.pointer + tile.start), count: tile.count, share: share)
  }
}
