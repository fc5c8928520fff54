import Training

extension Curve {
  /// Loss, accuracy and macro F1 over the epochs.
  public static func curves(history: [EpochRecord], bestEpoch: Int?) -> [Curve] {
    func series(_ name: String, _ value: (EpochRecord) -> Double?) -> Series {
      Series(name: name, points: history.compactMap { record in value(record).map { (record.epoch, $0) } })
    }
    return [
      Curve(
        title: "Loss", series: [series("training") { $0.trainingLoss }, series("validation") { $0.validation?.loss }],
        bestEpoch: bestEpoch, isShare: false),
      Curve(
        title: "Accuracy",
        series: [series("training") { $0.trainingAccuracy }, series("validation") { $0.validation?.accuracy }],
        bestEpoch: bestEpoch, isShare: true),
      Curve(
        title: "Macro F1", series: [series("validation") { $0.validation?.macroF1 }], bestEpoch: bestEpoch,
        isShare: true),
    ]
  }
}
