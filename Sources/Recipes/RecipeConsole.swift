/// Where a running recipe says things. The command line implements it; tests collect.
///
/// All calls come from the thread that called `RecipeRunner.run`.
public protocol RecipeConsole: AnyObject {
  /// A line of results: what the recipe prints, layer tables, metrics. Belongs on stdout.
  func output(_ line: String)
  /// A remark about the run: the seed, the run folder, files left out. Belongs on stderr.
  func note(_ line: String)
  /// Called often (each batch, at most every tenth of a second); a terminal redraws its bar.
  func progress(_ progress: RecipeProgress)
  /// An epoch has ended; plain consoles print the line. `line` is ready to print.
  func epochEnded(_ line: String)
}

/// How far the longest running step of a recipe is.
public struct RecipeProgress: Equatable, Sendable {
  public enum Phase: String, Sendable { case training, validation, evaluation, prediction }

  public var phase: Phase
  /// The number of the `wb.train` call, from 1; 0 outside one.
  public var stage: Int
  /// From 1; 0 outside training.
  public var epoch: Int
  public var epochs: Int
  /// Batches that are done in this epoch or evaluation, and how many there are.
  public var batch: Int
  public var batches: Int
  /// The mean loss since the epoch began; nil where there is none.
  public var loss: Double?
  public var imagesPerSecond: Double
  /// Until the end of the whole step (all epochs), in seconds; nil when unknown.
  public var secondsLeft: Double?

  public init(
    phase: Phase, stage: Int = 0, epoch: Int = 0, epochs: Int = 0, batch: Int, batches: Int, loss: Double? = nil,
    imagesPerSecond: Double = 0, secondsLeft: Double? = nil
  ) {
    self.phase = phase
    self.stage = stage
    self.epoch = epoch
    self.epochs = epochs
    self.batch = batch
    self.batches = batches
    self.loss = loss
    self.imagesPerSecond = imagesPerSecond
    self.secondsLeft = secondsLeft
  }
}
