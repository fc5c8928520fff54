import Foundation
import PluginHost
import PluginTemplates
import Testing

@Suite("Plugins to begin with") struct PluginTemplateTests {
  /// A folder of its own for each test.
  private final class Place {
    let path = NSTemporaryDirectory() + "workbench-templates-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
  }

  private static let header: [UInt8] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/CWorkbenchPlugin/include/workbench_plugin.h")
    return Array((try? Data(contentsOf: url)) ?? Data())
  }()

  private static let all: [PluginTemplate] = PluginTemplate.Kind.allCases.flatMap { kind in
    PluginTemplate.Language.allCases.compactMap { try? PluginTemplate(name: "moss_7", kind: kind, language: $0) }
  }

  @Test("the files are there, in the plugin's name, with the header as it is", arguments: all)
  func files(template: PluginTemplate) throws {
    let files = template.files
    let expected =
      template.language == .c
      ? ["Makefile", "moss_7.c", "workbench_plugin.h"]
      : [
        "Package.swift", "Sources/Moss7Plugin/moss_7.swift", "Sources/Moss7Plugin/support.swift",
        "Sources/CWorkbenchPlugin/module.modulemap", "Sources/CWorkbenchPlugin/workbench_plugin.h",
      ]
    let sample = template.kind == .codec ? ["samples/picture.ff"] : []
    #expect(Set(files.keys) == Set(expected + sample + ["README.md", "recipe.lua", ".gitignore"]))
    for (path, bytes) in files {
      if path.hasSuffix("workbench_plugin.h") {
        #expect(bytes == PluginTemplateTests.header)
      } else if path != "samples/picture.ff" {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasSuffix("\n"), "\(path)")
        for word in ["my_plugin", "MyPlugin", "{build}", "{file}", "{source}", "{sample}"] {
          #expect(!text.contains(word), "\(path): \(word)")
        }
      }
    }
    let readme = String(decoding: files["README.md"] ?? [], as: UTF8.self)
    for word in [template.buildCommand, "plugins check \(template.libraryPath)", "--plugin \(template.libraryPath)"] {
      #expect(readme.contains(word), "\(word)")
    }
  }

  @Test("in C they build without a word, and export one function", arguments: all.filter { $0.language == .c })
  func builds(template: PluginTemplate) throws {
    let place = try Place()
    let folder = try template.write(to: place.path)
    #expect(place.contents == ["moss_7"])
    let (status, output) = try run("make", ["-s", "CFLAGS=-O1 -Werror -Wpedantic"], in: folder)
    #expect(status == 0 && output.isEmpty, "\(output)")
    let library = try PluginLibrary(path: folder + "/moss_7.so")
    #expect(library.id == "moss_7" && library.kinds == [template.kind.rawValue])
    #expect(library.version == "0.1.0")
  }

  @Test(
    "a name that cannot be is refused", arguments: ["", "Moss", "7moss", "a-b", "a b", "../a", "möss", "a\n", "_a"])
  func names(name: String) {
    #expect(throws: PluginTemplateError.name(name)) { try PluginTemplate(name: name, kind: .layer, language: .c) }
  }

  @Test("64 letters are too many, 63 are not")
  func nameLength() throws {
    _ = try PluginTemplate(name: String(repeating: "a", count: 63), kind: .layer, language: .c)
    let long = String(repeating: "a", count: 64)
    #expect(throws: PluginTemplateError.name(long)) { try PluginTemplate(name: long, kind: .layer, language: .c) }
  }

  @Test("what is there already stays as it is", arguments: ["folder", "file", "dangling link"])
  func existing(what: String) throws {
    let place = try Place()
    let path = place.path + "/moss_7"
    switch what {
    case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    case "file": try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
    default: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
    }
    let template = try #require(PluginTemplateTests.all.first)
    let error = try #require(throws: PluginTemplateError.self) { try template.write(to: place.path) }
    #expect("\(error)" == "\(path): exists already; nothing was changed")
    #expect(place.contents == ["moss_7"])
  }

  @Test(
    "a place that takes nothing is named with the reason",
    arguments: [
      ("/proc", "No such file or directory"), ("/dev/null", "Not a directory"),
      ("/nowhere/x", "No such file or directory"),
    ])
  func unwritable(parent: String, reason: String) throws {
    let template = try #require(PluginTemplateTests.all.first)
    let error = try #require(throws: PluginTemplateError.self) { try template.write(to: parent) }
    #expect("\(error)" == "\(parent)/moss_7: cannot be written: \(reason)")
  }

  /// - Returns: the exit code, and all that was printed.
  private func run(_ command: String, _ arguments: [String], in folder: String) throws -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
