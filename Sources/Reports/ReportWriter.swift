import ModelFiles

/// Writes what `run` and `evaluate` leave in their folder besides the model.
public enum ReportWriter {
  /// Writes `report.html`, and for results `predictions.tsv`, `confusion.tsv`, `classes.tsv` and `rejection.tsv`, each
  /// at once or not at all.
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
    try AtomicFile.write(ReportPage(content).source, to: folder + "/report.html")
  }
}
