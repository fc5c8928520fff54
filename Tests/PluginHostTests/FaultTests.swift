import Foundation
import PluginHost
import TestSupport
import Testing

@Suite("Plugins with faults")
struct FaultTests {
  /// The fault, which is the file's name, and a part of the sentence about it.
  static let faults: [(String, String)] = [
    ("refuses", "cannot be used here: it needs a better machine"),
    ("refuses_silently", "cannot be used here: it does not say why"),
    ("crooked", "a pointer that is not aligned"),
    ("older", "version 0 of the plugin interface, but this workbench has version 1 (it must be built anew"),
    ("newer", "version 2 of the plugin interface, but this workbench has version 1 (it needs a newer workbench)"),
    ("table_size", "workbench_plugin has struct_size 16, but has 72 bytes or more"),
    ("id_null", "it has no id"),
    ("id_shape", "its id 'Not An Id' must be made of"),
    ("id_other", "holds the plugin 'somebody_else', so that the file must be named somebody_else.so"),
    ("version_shape", "its version 'yesterday' is not of the form 1.2.0"),
    ("no_help", "it has no help"),
    ("lines", "its help has control characters or several lines"),
    ("not_utf8", "its help is not UTF-8"),
    ("no_capability", "capability is NULL"),
    ("brings_nothing", "it brings no layer, source, codec or override"),
    ("override_of_nothing", "override 'faster': there is no built-in layer 'conv3d' (did you mean 'conv2d'?)"),
    ("list_size", "workbench_layers has struct_size 4, but has 16 bytes or more"),
    ("list_null", "its list of layers is NULL, but has 1 entries"),
    ("layer_size", "layer 1 has struct_size 16, but has 80 bytes or more"),
    ("layer_name", "its name '9lives' must be made of"),
    ("layer_twice", "it brings two things of the name 'of_layer_twice'"),
    ("layer_inputs", "it takes 1 to 0 inputs, but 1 to 16 can be"),
    ("layer_many_inputs", "it takes 1 to 17 inputs"),
    ("layer_no_plan", "layer 'of_layer_no_plan': plan is NULL"),
    ("layer_no_forward", "forward is NULL"),
    ("layer_no_backward", "backward is NULL, but WORKBENCH_INFERENCE_ONLY is not set"),
    ("option_size", "option 1 has struct_size 8"),
    ("option_kind", "option 'size': its kind 99 is none"),
    ("option_presence", "option 'size': its presence 7 is none"),
    ("option_name", "its option's name 'The Size' must be made of"),
    ("option_help", "option 'size': it has no help"),
    ("option_twice", "it has two options 'size'"),
    ("option_reserved", "its option 'name' has a name that recipes use for something else"),
    ("option_null", "option 2 is NULL"),
    ("option_list_null", "its list of options is NULL, but has 2 entries"),
    ("option_many", "its list of options has 4000000000 entries"),
    ("option_bounds", "nothing lies within its bounds, 10.0 to 9.0"),
    ("option_nan_bound", "a bound is not a number"),
    ("option_default_range", "option 'size' is 12, but must be from 1 to 9"),
    ("option_boolean_default", "option 'flag': its default 2 is not 0 or 1"),
    ("option_boolean_bounds", "option 'flag': it has bounds, but is no number"),
    ("option_no_choices", "it is a choice without words to choose"),
    ("option_null_choice", "it has no choice 3"),
    ("option_default_choice", "must be 'one' or 'two', not the string \"three\""),
    ("option_string_null", "its default is NULL"),
    ("option_integer_list", "must be a list of which each is an integer"),
  ]

  @Test("each is refused with a sentence that names file and fault", arguments: faults)
  func refused(fault: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("\(fault).so")
    try FileManager.default.copyItem(atPath: BuiltPlugin.path("test_faults"), toPath: path)
    do {
      let library = try PluginLibrary(path: path)
      Issue.record("\(library.id) was loaded")
    } catch {
      #expect("\(error)".contains(sentence), "\(error)")
      #expect("\(error)".hasPrefix(path + ": "), "\(error)")
      #expect(!"\(error)".contains("\n"))
    }
  }

  @Test("without a fault the same file is loaded")
  func healthy() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("healthy.so")
    try FileManager.default.copyItem(atPath: BuiltPlugin.path("test_faults"), toPath: path)
    let library = try PluginLibrary(path: path)
    #expect(library.id == "healthy" && library.version == "0.1.0" && library.kinds == ["layer"])
    #expect(library.layers[0].schema.options.map(\.name) == ["size", "flag"])
  }

  @Test("a plugin of a later version, with larger structs, is loaded")
  func larger() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("larger.so")
    try FileManager.default.copyItem(atPath: BuiltPlugin.path("test_faults"), toPath: path)
    #expect(try PluginLibrary(path: path).layers[0].schema.options.map(\.name) == ["size", "flag"])
  }

  @Test("a file that is cut short is refused, wherever it ends")
  func cutShort() throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: URL(fileURLWithPath: BuiltPlugin.path("test_faults")))
    let path = folder.file("cut.so")
    // The parts that are loaded end before the file does: debug information and section headers follow.
    for count in [0, 1, 5, 63, 64, 100, 400, 1000, 4096, 4097, 8000, whole.count / 4] where count < whole.count {
      try whole.prefix(count).write(to: URL(fileURLWithPath: path))
      do {
        _ = try PluginLibrary(path: path)
        Issue.record("\(count) of \(whole.count) bytes were loaded")
      } catch {
        #expect("\(error)".hasPrefix(path + ": cannot be loaded: "), "\(count) bytes: \(error)")
      }
    }
  }

  @Test("files that are no plugins are refused by name")
  func noPlugins() throws {
    let folder = try TemporaryFolder()
    func reason(_ path: String) -> String {
      do { return "loaded: \(try PluginLibrary(path: path).id)" } catch { return "\(error)" }
    }
    #expect(reason(folder.file("gone.so")).hasSuffix("there is no such file or folder"))
    #expect(reason(folder.path).hasSuffix("cannot be loaded: it is not a file"))
    try "not a library".write(toFile: folder.file("text.so"), atomically: true, encoding: .utf8)
    #expect(reason(folder.file("text.so")).contains("text.so: cannot be loaded: "))
    let places = [
      "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib/aarch64-linux-gnu",
    ]
    let library = try #require(places.map { $0 + "/libc.so.6" }.first(where: FileManager.default.fileExists(atPath:)))
    try FileManager.default.copyItem(atPath: library, toPath: folder.file("libc_copy.so"))
    #expect(reason(folder.file("libc_copy.so")).contains("does not export workbench_plugin_main"))
  }
}
