import Foundation
import Reports

/// Made-up results with known mistakes, for two classes or many.
enum Sample {
  /// Every `wrongEvery`th picture is named as the class after its own.
  static func results(classes: [String], perClass: Int, wrongEvery: Int = 9) -> TestResults {
    var labels: [Int] = []
    var paths: [String] = []
    var probabilities: [Float] = []
    var state: UInt64 = 1
    func uniform() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24)
    }
    for label in classes.indices {
      for number in 0..<perClass {
        let isWrong = number % wrongEvery == wrongEvery - 1
        let named = isWrong ? (label + 1) % classes.count : label
        let least = 1 / Float(classes.count) + 0.01
        let certainty = isWrong ? least + (1 - least) * uniform() * 0.7 : 1 - (1 - least) * pow(uniform(), 3)
        labels.append(label)
        paths.append("/data/specimens/\(classes[label])/picture \(number).jpg")
        for other in classes.indices {
          probabilities.append(other == named ? certainty : (1 - certainty) / Float(classes.count - 1))
        }
      }
    }
    return TestResults(
      split: "test", classes: classes, paths: paths, labels: labels, probabilities: probabilities, loss: 0.3127,
      aucpr: 0.95)
  }

  static func content(_ results: TestResults) -> ReportContent {
    var content = ReportContent(
      title: "stained", subtitle: "Trained on 1,320 pictures in \(results.classes.count) classes.")
    content.results = results
    let epochs = Array(1...14)
    content.curves = [
      Curve(
        title: "Loss",
        series: [
          .init(name: "training", points: epochs.map { ($0, 0.9 / Double($0) + 0.05) }),
          .init(name: "validation", points: epochs.map { ($0, 0.8 / Double($0) + 0.015 * Double($0)) }),
        ], bestEpoch: 8, isShare: false),
      Curve(
        title: "Accuracy",
        series: [
          .init(name: "training", points: epochs.map { ($0, 1 - 0.5 / Double($0)) }),
          .init(name: "validation", points: epochs.map { ($0, 0.94 - 0.4 / Double($0)) }),
        ], bestEpoch: 13, isShare: true),
    ]
    content.data = .init(
      splits: ["train", "validation", "test"], rows: results.classes.map { ($0, [1234, 352, 176]) })
    content.dataFacts = [.init("folder", "/data/specimens"), .init("near-duplicates across splits", "2")]
    content.failures = [
      .init(path: "/data/specimens/moss/broken <1>.jpg", status: "truncated", message: "the picture ends early")
    ]
    content.layers = "Layer     Type     Shape        Parameters\nconv2d_1  conv2d   252x252x16   1,216\n"
    content.settings = [.init("epochs", "20"), .init("learning rate", "0.001"), .init("data", "/data/specimens")]
    content.provenance = [.init("seed", "1"), .init("workbench", "0.1.0"), .init("host", "herbarium-3")]
    return content
  }
}
