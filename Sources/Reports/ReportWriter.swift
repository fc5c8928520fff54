import ModelFiles

/// Writes what `run` and `evaluate` leave in their folder besides the model.
public enum ReportWriter {
  /// Writes `report.html`, and for results `predictions.tsv`, `confusion.tsv`, `classes.tsv` and `rejection.tsv`, and
  /// `failed.tsv` where there are `failures`, each at once or not at all.
  ///
  ///     var content = ReportContent(title: model.name, subtitle: "...")
  ///     content.results = TestResults(evaluation, split: "test")
  ///     content.curves = Curve.curves(history: history, bestEpoch: 8)
  ///     try ReportWriter.write(content, to: folder)
  ///
  /// - Parameter folder: exists already.
  public static func write(_ content: ReportContent, to folder: String) throws(ModelFileError) {
    if let results = content.results {
      try AtomicFile.write(results.predictionsTSV(), to: folder + "/predictions.tsv")
      try AtomicFile.write(results.confusionTSV, to: folder + "/confusion.tsv")
      try AtomicFile.write(results.classesTSV, to: folder + "/classes.tsv")
      try AtomicFile.write(results.rejectionTSV, to: folder + "/rejection.tsv")
    }
    try write(content.failures, to: folder)
    try AtomicFile.write(ReportPage(content).source, to: folder + "/report.html")
  }

  /// Writes `failed.tsv`, the pictures that could not be read; nothing when there is none.
  public static func write(_ failures: [TestResults.Failure], to folder: String) throws(ModelFileError) {
    if failures.isEmpty { return }
    try AtomicFile.write(TestResults.Failure.table(failures), to: folder + "/failed.tsv")
  }
}
