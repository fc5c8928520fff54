import Foundation
import PluginHost
import TestSupport
import Testing

@Suite("Looking for plugins")
struct SearchTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A plugin of that id; it brings the layer `of_<id>`.
  private func put(_ path: String) throws {
    let path = folder.file(path)
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: BuiltPlugin.path("test_faults"), toPath: path)
  }

  @Test("the first folder that has the plugin wins, and it is loaded once")
  func order() throws {
    try put("b/searched_first.so")
    try put("c/searched_first.so")
    let host = PluginHost(folders: [folder.file("a"), folder.file("b"), folder.file("c")])
    #expect(host.libraries.isEmpty)
    let library = try host.plugin("searched_first")
    #expect(library.path == folder.file("b/searched_first.so"))
    #expect(try host.plugin("searched_first") === library)
    #expect(try host.load(file: folder.file("b/../b/searched_first.so")) === library)
    #expect(host.libraries.count == 1)
  }

  @Test("the folder that `plugins new` makes is looked into")
  func ownFolder() throws {
    try put("plugins/searched_own/searched_own.so")
    #expect(try PluginHost(folders: [folder.file("plugins")]).plugin("searched_own").id == "searched_own")
  }

  @Test("what is not found comes with every folder and every rejected file")
  func notFound() throws {
    try put("a/id_null.so")
    let host = PluginHost(folders: [folder.file("a"), folder.file("b")])
    do {
      _ = try host.plugin("id_null")
      Issue.record("found")
    } catch {
      let text = "\(error)"
      #expect(text.hasPrefix("there is no plugin 'id_null'; looked for id_null.so and libid_null.so in\n"), "\(text)")
      for part in ["  \(folder.file("a"))\n", "  \(folder.file("b"))\n", "rejected: \(folder.file("a"))/id_null.so: "] {
        #expect(text.contains(part), "\(text)")
      }
    }
  }

  @Test("an id cannot be a path", arguments: ["../x", "a/b", "", "X", "a.so", String(repeating: "a", count: 64)])
  func invalidID(id: String) throws {
    #expect(throws: PluginError.invalidID(id)) { try PluginHost(folders: []).plugin(id) }
  }

  @Test("a layer whose name is taken keeps its plugin out")
  func taken() throws {
    try put("layer_taken.so")
    let path = folder.file("layer_taken.so")
    #expect(
      throws: PluginError.nameTaken(path: path, what: "layer", name: "conv2d", owner: "a built-in layer")
    ) { try PluginHost(folders: []).load(file: path) }
  }

  @Test("two files of one id: the second is refused with the first one's path")
  func duplicate() throws {
    try put("a/searched_twice.so")
    try put("b/searched_twice.so")
    let host = PluginHost(folders: [folder.file("a"), folder.file("b")])
    let (libraries, rejected) = host.survey()
    #expect(libraries.map(\.path) == [folder.file("a/searched_twice.so")])
    #expect(
      rejected == [
        .duplicate(
          id: "searched_twice", path: folder.file("b/searched_twice.so"), other: folder.file("a/searched_twice.so"))
      ])
  }

  @Test("a folder is loaded as a whole, what is no plugin told apart, and is searched from then on")
  func wholeFolder() throws {
    try put("in_folder.so")
    try put("in_sub_folder/in_sub_folder.so")
    try put("newer.so")
    try "text".write(toFile: folder.file("Some Notes.so"), atomically: true, encoding: .utf8)
    let host = PluginHost(folders: [])
    let (libraries, rejected) = try host.load(path: folder.path)
    #expect(libraries.map(\.id) == ["in_folder", "in_sub_folder"])
    #expect(rejected.count == 1 && "\(rejected[0])".contains("newer"))
    #expect(try host.plugin("in_folder") === libraries[0])
  }

  @Test("a folder without a plugin is an error, as is a path that is not there")
  func nothing() throws {
    let empty = folder.file("empty")
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    #expect(throws: PluginError.emptyFolder(path: empty, rejected: [])) {
      try PluginHost(folders: []).load(path: empty)
    }
    #expect(throws: PluginError.notThere(path: empty + "/x")) { try PluginHost(folders: []).load(path: empty + "/x") }
  }

  @Test("the search path is the variable's, the user's, the installation's, the program's")
  func folders() {
    let found = PluginFolders.standard(
      environment: ["WORKBENCH_PLUGIN_PATH": "/x/y:/z/:/x/y", "HOME": "/home/u"], program: "/opt/w/bin/workbench")
    #expect(
      found == [
        "/x/y", "/z", "/home/u/.local/share/workbench/plugins", "/opt/w/lib/workbench/plugins", "/opt/w/bin",
      ])
  }
}
