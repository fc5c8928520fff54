/// What the pictures are to be told apart by.
public enum SheetTask: String, Sendable, CaseIterable {
  /// Sheets with mercury stains and without; both families in both classes.
  case stained
  /// Clubmosses and spikemosses; no stains.
  case families

  /// The names of the classes; `SheetPainter.label` is an index into them.
  public var classes: [String] {
    switch self {
    case .stained: ["stained", "unstained"]
    case .families: ["clubmoss", "spikemoss"]
    }
  }
}

/// Which sheets a painter draws.
public struct SheetSettings: Sendable, Equatable {
  public var task: SheetTask
  public var seed: UInt64
  /// How strong stains are, within 0 (hardly seen) ... 1 (black); faint ones are commoner than heavy ones.
  public var severity: ClosedRange<Float>
  /// How many consecutive sheets come from one collection: they share paper, label design, ruler and scanner.
  public var sheetsPerCollection: Int

  public init(
    task: SheetTask = .stained, seed: UInt64 = 1, severity: ClosedRange<Float> = 0.25...1, sheetsPerCollection: Int = 8
  ) {
    self.task = task
    self.seed = seed
    self.severity = severity
    self.sheetsPerCollection = max(1, sheetsPerCollection)
  }
}
