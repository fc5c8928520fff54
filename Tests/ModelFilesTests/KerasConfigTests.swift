import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("configurations of Keras")
struct KerasConfigTests {
  private let sample: KerasSample

  init() throws { sample = try KerasSample() }

  private func sentence(config text: String) throws -> String {
    var archive = try sample.archive()
    archive["config.json"] = Data(text.utf8)
    return try sample.sentence(archive)
  }

  @Test(
    "what is not JSON, nested too deep, or of the wrong types is refused with a sentence",
    arguments: [
      ("", "config.json: it is not JSON"), ("{\"a\": ", "config.json: it is not JSON"),
      ("{\"a\": NaN}", "config.json: it is not JSON"),
      (String(repeating: "[", count: 100_000), "config.json: it is not JSON"),
      (String(repeating: "{\"config\":", count: 100_000), "config.json: it is not JSON"),
      ("[]", "config.json: it has no 'class_name' and 'config', so it is no Keras model"),
      ("{}", "config.json: it has no 'class_name' and 'config', so it is no Keras model"),
      ("3", "config.json: it has no 'class_name' and 'config', so it is no Keras model"),
      (
        #"{"class_name": 1, "config": {}}"#, "config.json: it has no 'class_name' and 'config', so it is no Keras model"
      ),
      (
        #"{"class_name": "MyModel", "config": {}}"#,
        "config.json: 'MyModel' has no list of layers: only Sequential and Functional models can be read"
      ),
      (#"{"class_name": "Sequential", "config": {"layers": []}}"#, "the network has no layers"),
      (
        #"{"class_name": "Sequential", "config": {"layers": [{}]}}"#, "config.json: layer 1: it has no 'class_name'"
      ),
      (
        #"{"class_name": "Sequential", "config": {"layers": [7]}}"#, "config.json: layer 1: it has no 'class_name'"
      ),
      (
        #"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense"}]}}"#,
        "config.json: layer 1 (Dense): it has no 'config'"
      ),
      (
        #"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {}}]}}"#,
        "config.json: layer 1 (Dense): it has no 'name'"
      ),
      (
        #"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {"name": "a\u001b"}}]}}"#,
        "config.json: layer 1 (Dense): its name has control characters"
      ),
      (
        #"{"class_name": "Sequential", "config": {"layers": [{"class_name": "De\u001bnse", "config": {}}]}}"#,
        #"config.json: layer 1 (De\u{1b}nse): it has no 'name'"#
      ),
      (
        #"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {"name": "d"}}]}}"#,
        "config.json: the model was never built: its input has no shape"
      ),
    ])
  func malformed(text: String, expected: String) throws {
    let sentence = try sentence(config: text)
    #expect(sentence.hasPrefix(expected), "\(sentence)")
  }

  @Test("every value replaced by one of another type is an error or changes nothing, and never traps")
  func wrongTypes() throws {
    var archive = try sample.archive()
    let document = try JSONSerialization.jsonObject(with: archive["config.json"])
    for replacement: Any in [
      NSNull(), -1, 1e300, "x", [Any](), [String: Any](), true, [[["conv", 0, 0, [String: Any]()]]],
    ] {
      var place = 0
      while true {
        var counter = place
        let changed = replaced(document, at: &counter, by: replacement)
        if counter >= 0 { break }
        archive["config.json"] = try JSONSerialization.data(withJSONObject: changed, options: [.fragmentsAllowed])
        _ = try sample.failure(archive)
        place += 1
      }
    }
  }

  /// The value with its `counter`-th inner value replaced; the counter is negative when that was reached.
  private func replaced(_ value: Any, at counter: inout Int, by replacement: Any) -> Any {
    if counter == 0 {
      counter = -1
      return replacement
    }
    if counter < 0 { return value }
    counter -= 1
    if let list = value as? [Any] { return list.map { replaced($0, at: &counter, by: replacement) } }
    if let table = value as? [String: Any] {
      var result = table
      for key in table.keys.sorted() { result[key] = replaced(table[key]!, at: &counter, by: replacement) }
      return result
    }
    return value
  }

  @Test(
    "a layer that workbench has no counterpart of is refused by class and name",
    arguments: ["Lambda", "LSTM", "Functional"])
  func unknownClass(name: String) throws {
    let archive = try sample.archive(layer: "gap") { $0["class_name"] = name }
    #expect(try sample.sentence(archive) == "layer gap: workbench has no counterpart of \(name)")
  }

  @Test(
    "an option that would change the answer is refused by layer, class and name",
    arguments: [
      (
        "conv", "data_format", "channels_first", "(Conv2D): 'data_format' is 'channels_first', but workbench's pictures"
      ),
      ("conv", "activation", "hard_sigmoid", "(Conv2D): 'activation' is 'hard_sigmoid', but workbench has relu,"),
      ("conv", "padding", "causal", "(Conv2D): 'padding' is 'causal', but workbench has 'valid' and 'same'"),
      ("conv", "dtype", "int8", "(Conv2D): 'dtype' is 'int8', but workbench computes in float32"),
      ("conv", "lora_rank", "4", "(Conv2D): 'lora_rank' is '4', which workbench does not know"),
      ("dense", "units", "many", "(Dense): 'units' is 'many', not a whole number"),
      ("dense", "use_bias", "no", "(Dense): 'use_bias' is 'no', not true or false"),
    ])
  func options(layer: String, option: String, value: String, expected: String) throws {
    let sentence = try sample.sentence(sample.archive(layer: layer, option: option, value))
    #expect(sentence.hasPrefix("layer \(layer) \(expected)"), "\(sentence)")
  }

  @Test(
    "options of other classes that workbench does not have are refused",
    arguments: [
      ("DepthwiseConv2D", #"{"kernel_size": [2, 2], "depth_multiplier": 2}"#, "'depth_multiplier' is 2"),
      ("DepthwiseConv2D", #"{"kernel_size": [2, 2], "dilation_rate": [2, 2]}"#, "'dilation_rate' is [2, 2]"),
      ("LayerNormalization", #"{"axis": 1}"#, "'axis' is 1"),
      ("LayerNormalization", #"{"axis": [1, 2, 3]}"#, "'axis' is [1, 2, 3]"),
      ("LayerNormalization", #"{"rms_scaling": true}"#, "'rms_scaling' is true"),
      ("BatchNormalization", #"{"axis": 1}"#, "'axis' is 1"),
      ("BatchNormalization", #"{"renorm": true}"#, "'renorm' is true"),
      ("ReLU", #"{"max_value": 6}"#, "'max_value' is 6"),
      ("ReLU", #"{"negative_slope": 0.25}"#, "'negative_slope' is 0.25"),
      ("ELU", #"{"alpha": 0.5}"#, "'alpha' is 0.5"), ("Softmax", #"{"axis": 1}"#, "'axis' is 1"),
      ("Dropout", #"{"rate": 0.5, "noise_shape": [1, 4, 1, 1]}"#, "'noise_shape' is [1, 4, 1, 1]"),
      ("Reshape", #"{"target_shape": [8, 4]}"#, "'target_shape' is [8, 4]"),
      ("Rescaling", #"{"scale": [1.5, 2.5]}"#, "'scale' is [1.5, 2.5], but must be one number"),
      ("EinsumDense", #"{"equation": "abcd,de->abce"}"#, "'equation' is 'abcd,de->abce'"),
    ])
  func optionsOfOtherClasses(name: String, options: String, expected: String) throws {
    let value = try JSONSerialization.jsonObject(with: Data(options.utf8)) as? [String: Any]
    let archive = try sample.archive(layer: "gap") { layer in
      layer["class_name"] = name
      layer["config"] = value?.merging(["name": "gap"]) { first, _ in first }
    }
    let sentence = try sample.sentence(archive)
    #expect(sentence.hasPrefix("layer gap (\(name)): \(expected)"), "\(sentence)")
  }

  @Test("regularisers and constraints that act in training only are left out, and the model says so")
  func leftOut() throws {
    let regulariser: [String: Any] = ["class_name": "L1", "config": ["l1": 0.1]]
    let archive = try sample.archive(layer: "dense", option: "bias_regularizer", regulariser)
    let model = try Model.load(from: sample.write(archive), pool: sample.pool)
    #expect(model.provenance.values.contains("bias_regularizer of dense"))
  }

  @Test("a dense layer over a picture is refused by name")
  func denseOverPicture() throws {
    let archive = try sample.archive { config in
      var inner = config["config"] as? [String: Any] ?? [:]
      var layers = inner["layers"] as? [[String: Any]] ?? []
      layers[3]["inbound_nodes"] = [[["conv", 0, 0, [String: Any]()]]]
      inner["layers"] = layers
      config["config"] = inner
    }
    let sentence = try sample.sentence(archive)
    #expect(sentence.contains("layer dense (linear), after conv (4x4x2): takes a vector"), "\(sentence)")
  }

  @Test(
    "graphs that workbench's networks cannot be are refused",
    arguments: [
      (#"[[["dense", 0, 0, {}]]]"#, "the network goes in a circle: layer conv waits for its own output"),
      (#"[[["conv", 0, 0, {}]]]"#, "the network goes in a circle: layer conv waits for its own output"),
      (#"[[["nobody", 0, 0, {}]]]"#, "the network feeds layer conv from 'nobody', which is none of its layers"),
      (#"[[["input", 1, 0, {}]]]"#, "the network uses layer input more than once"),
      (#"[[["input", 0, 0, {}]], [["input", 0, 0, {}]]]"#, "the network uses layer conv 2 times"),
      (#"[[["input", 0, 0, {"mask": 1}]]]"#, "the network calls layer conv with 'mask', which workbench does not know"),
      (#"[{"args": 3}]"#, "config.json: layer conv: 'inbound_nodes' does not say what feeds it"),
      (#"[]"#, "the network does not say what feeds layer conv"),
      (#"[[]]"#, "the network feeds layer conv with 0 inputs instead of one"),
      (#"[[["input", 0, 0, {}], ["input", 0, 0, {}]]]"#, "the network feeds layer conv with 2 inputs instead of one"),
    ])
  func graphs(nodes: String, expected: String) throws {
    let value = try JSONSerialization.jsonObject(with: Data(nodes.utf8))
    let sentence = try sample.sentence(sample.archive(layer: "conv") { $0["inbound_nodes"] = value })
    #expect(sentence.hasPrefix(expected), "\(sentence)")
  }

  @Test("two outputs, two inputs and two layers of one name are refused")
  func ends() throws {
    func sentence(_ change: (inout [String: Any]) -> Void) throws -> String {
      try sample.sentence(
        sample.archive { config in
          var inner = config["config"] as? [String: Any] ?? [:]
          change(&inner)
          config["config"] = inner
        })
    }
    #expect(
      try sentence { $0["output_layers"] = [["dense", 0, 0], ["gap", 0, 0]] }
        == "the network has 2 outputs; workbench's networks have one")
    #expect(
      try sentence { $0["input_layers"] = [["input", 0, 0], ["gap", 0, 0]] }
        == "the network has 2 inputs; workbench's networks have one")
    #expect(
      try sentence { $0["input_layers"] = [["gap", 0, 0]] }
        == "the network names gap as its input, but its input layer is input")
    #expect(
      try sentence { $0["output_layers"] = [["nobody", 0, 0]] }
        == "the network has no layer nobody, which should be its output")
    #expect(
      try sentence { inner in
        let layers = inner["layers"] as? [[String: Any]] ?? []
        inner["layers"] = layers + [layers[1]]
      } == "the network has two layers named conv")
  }

  @Test("a network that no memory holds is refused before any of it is taken")
  func hugeNetwork() throws {
    let sentence = try sample.sentence(sample.archive(layer: "conv", option: "kernel_size", [1, 1]))
    #expect(sentence.hasPrefix("conv.kernel: the network wants [1, 1, 3, 2]"), "\(sentence)")
    let filters = try sample.sentence(sample.archive(layer: "conv", option: "filters", 1 << 40))
    #expect(
      filters.contains("layer conv: conv2d: option 'filters' is 1099511627776, but must be from 1 to 65536"),
      "\(filters)")
  }

  @Test("a model without a size of its own gets one from the command, else is refused with the option's name")
  func size() throws {
    let archive = try sample.archive(layer: "input", option: "batch_input_shape", [NSNull(), NSNull(), NSNull(), 3])
    #expect(
      try sample.sentence(archive)
        == "the model does not say how large its pictures are: give their size (--size 96)")
    let options = ImportOptions(size: PictureSize(height: 7, width: 9))
    let model = try Model.load(from: sample.write(archive), importing: options, pool: sample.pool)
    #expect(model.network.inputShape == [7, 9, 3])
    let fixed = try sample.failure(sample.archive(), importing: options)
    #expect("\(try #require(fixed))".hasSuffix("the network was made for pictures of 6x6 pixels, not of 7x9"))
    let labels = try sample.failure(sample.archive(), importing: ImportOptions(labels: ["a", "b", "c"]))
    #expect("\(try #require(labels))".hasSuffix("the network has 2 outputs, but there are 3 classes"))
  }
}
