/// Draws herbarium sheets: each picture is determined by the settings, its index and its size, on any machine and any
/// thread.
///
/// Numbers come from counters, angles from polynomials, and everything else is additions, multiplications, divisions
/// and square roots, which IEEE 754 defines to the last bit.
public struct SheetPainter: Sendable {
  public let settings: SheetSettings

  public init(_ settings: SheetSettings = SheetSettings()) { self.settings = settings }

  /// The sizes that `draw` accepts, in pixels.
  public static let sizes = 32...2048

  /// The class of a sheet, an index into `settings.task.classes`.
  ///
  /// Of each two sheets (0 and 1, 2 and 3, ...) one is of either class, in random order.
  public func label(_ index: Int) -> Int {
    var random = source(index / 2, .label)
    return (index & 1) ^ Int(random.next() >> 63)
  }

  /// The collection that a sheet comes from: consecutive sheets share one.
  public func group(_ index: Int) -> Int { index / settings.sheetsPerCollection }

  /// The growth form's name, for instance "Diphasiastrum-like": what a caption may say.
  public func growthForm(_ index: Int) -> String {
    Specimen(isSpikemoss: isSpikemoss(index), source(index, .plant)).name
  }

  /// Whether the plant is a spikemoss: the class in `families`, and independent of the class in `stained`.
  public func isSpikemoss(_ index: Int) -> Bool {
    if settings.task == .families { return label(index) == 1 }
    var random = source(index, .group)
    return random.chance(0.5)
  }

  public func isStained(_ index: Int) -> Bool { settings.task == .stained && label(index) == 0 }

  /// A sheet's picture: `size * size` pixels of red, green and blue, row by row.
  ///
  /// - Parameter size: clamped to `sizes`.
  public func draw(_ index: Int, size: Int) -> [UInt8] {
    let side = min(max(size, Self.sizes.lowerBound), Self.sizes.upperBound)
    let workspace = SheetWorkspace()
    return [UInt8](unsafeUninitializedCapacity: side * side * 3) { buffer, count in
      draw(index, size: side, workspace, into: buffer)
      count = side * side * 3
    }
  }

  /// As `draw(_:size:)`, into memory of the caller's.
  ///
  /// - Parameters:
  ///   - size: within `sizes`.
  ///   - workspace: keeps memory from sheet to sheet; one a thread.
  ///   - bytes: at least `size * size * 3`.
  public func draw(_ index: Int, size: Int, _ workspace: SheetWorkspace, into bytes: UnsafeMutableBufferPointer<UInt8>)
  {
    precondition(
      Self.sizes.contains(size), "sheets are \(Self.sizes.lowerBound) to \(Self.sizes.upperBound) pixels high")
    precondition(bytes.count >= size * size * 3, "a sheet of \(size) pixels needs \(size * size * 3) bytes")
    guard let start = bytes.baseAddress else { return }
    let (sheet, plants) = workspace.canvases(size)

    var collectionSource = source(group(index), .collection)
    var layoutSource = source(index, .layout)
    var paperSource = source(index, .paper)
    var blemishSource = source(index, .blemishes)
    var furnitureSource = source(index, .furniture)
    var strapSource = source(index, .straps)
    var stainSource = source(index, .stains)
    var scannerSource = source(index, .scanner)

    let collection = Collection(&collectionSource)
    let layout = Layout(collection, size: size, &layoutSource)
    sheet.frame = layout.frame
    plants.frame = layout.frame
    plants.clear()

    // The plants first: shadows and stains follow their outlines.
    let stains = isStained(index) ? Stains(severity: settings.severity, &stainSource) : nil
    let specimen = Specimen(isSpikemoss: isSpikemoss(index), source(index, .plant))
    let skeletons = specimen.draw(layout, sooted: stains.map { $0.severity * $0.onPlant } ?? 0, on: plants)
    let outline = ScalarField(coverageOf: plants, side: min(max(size / 2, 32), 288))

    let paper = Paper(collection, &paperSource)
    paper.draw(layout, on: sheet)
    let furniture = Furniture(collection, layout, &furnitureSource)
    furniture.drawUnderPlants(on: sheet)
    Blemishes(layout, &blemishSource).draw(outline, on: sheet)
    stains?.draw(outline, layout, on: sheet)
    specimen.lay(plants, outline, on: sheet)
    Furniture.drawStraps(skeletons, collection, on: sheet, &strapSource)
    paper.drawBed(layout, on: sheet)
    Furniture.drawScales(collection, layout, on: sheet, &strapSource)
    Scanner(collection, &scannerSource).develop(sheet, plants, into: start)
  }

  private func source(_ index: Int, _ purpose: RandomSource.Purpose) -> RandomSource {
    RandomSource(seed: settings.seed, index: UInt64(bitPattern: Int64(index)), purpose: purpose)
  }
}

/// The memory that drawing needs: keep one a thread, and sheets of one size cost no new memory for their pixels.
public final class SheetWorkspace {
  private var kept: (sheet: Canvas, plants: Canvas)?

  public init() {}

  func canvases(_ size: Int) -> (sheet: Canvas, plants: Canvas) {
    if let kept, kept.sheet.width == size { return kept }
    let made = (sheet: Canvas(width: size, height: size), plants: Canvas(width: size, height: size))
    kept = made
    return made
  }
}
