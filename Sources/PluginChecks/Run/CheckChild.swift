import CGuardedMemory
import Foundation
import Layers
import PluginHost
import Schemas

/// The side of a conformance run on which the plugin's code runs.
public enum PluginChecks {
  /// Does what the request says, answers on descriptor 3, and ends the process.
  ///
  /// - Parameter request: JSON, the last argument of a process that `PluginCheckRunner` started.
  public static func runChild(_ request: String) -> Never {
    guarded_end_with_parent()
    var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
    guard let request = try? JSONDecoder().decode(CheckRequest.self, from: Data(request.utf8)) else { _exit(2) }
    let answers = CheckAnswers(descriptor: CheckProcess.descriptor)
    guarded_report_crashes(CheckProcess.descriptor)
    // What the plugin has to say to a user is none of its last words.
    HostTable.setNote { _ in }
    if request.check == nil {
      inventory(request, answers)
    } else {
      check(request, answers)
    }
    // Without the plugin's exit handlers.
    _exit(0)
  }

  private static func inventory(_ request: CheckRequest, _ answers: CheckAnswers) {
    answers.write(CheckMessage(doing: "loading the plugin"))
    do {
      let library = try PluginLibrary(path: request.library)
      answers.write(
        CheckMessage(
          inventory: .init(
            id: library.id, version: library.version, subjects: CheckSubject.all(of: library),
            wrongOption: wrongOption(request.settings, library))))
    } catch {
      answers.write(CheckMessage(failure: message(error)))
      answers.write(CheckMessage(inventory: .init(id: nil, version: nil, subjects: [])))
    }
  }

  /// What is wrong with the options that a person gave, in a sentence.
  private static func wrongOption(_ settings: PluginCheckSettings, _ library: PluginLibrary) -> String? {
    let builtIn = LayerRegistry.all.map { $0.schema }.filter { schema in
      library.overrides.contains { $0.layer == schema.name }
    }
    let schemas = library.layers.map(\.schema) + library.sources.map(\.schema) + builtIn
    let names = schemas.flatMap { $0.options.map(\.name) }
    for name in settings.options.keys.sorted() where !names.contains(name) {
      let suggestion = nearest(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
      return "--set \(name): no layer or source of the plugin has this option\(suggestion)"
    }
    for schema in schemas where schema.options.contains(where: { settings.options[$0.name] != nil }) {
      do { _ = try OptionCases(schema: schema, settings: settings).defaults() } catch { return "--set: \(error)" }
    }
    return nil
  }

  private static func check(_ request: CheckRequest, _ answers: CheckAnswers) {
    answers.write(CheckMessage(doing: "loading the plugin"))
    do {
      let library = try PluginLibrary(path: request.library)
      guard let subject = request.subject, let check = PluginCheck.named(request.check ?? "", for: subject.kind) else {
        _exit(2)
      }
      let context = CheckContext(library: library, subject: subject, request: request, answers: answers)
      do {
        try check.run(context)
        context.finish()
        answers.write(CheckMessage(end: .init()))
      } catch let error as CheckContext.NotApplicable {
        answers.write(CheckMessage(end: .init(notApplicable: error.reason)))
      } catch is CheckContext.Stop {
        context.finish()
        answers.write(CheckMessage(end: .init()))
      }
    } catch {
      answers.write(CheckMessage(failure: message(error)))
      answers.write(CheckMessage(end: .init()))
    }
  }

  /// In one line.
  private static func message(_ error: any Error) -> String {
    "\(error)".replacingOccurrences(of: "\n", with: " ")
  }
}

extension CheckSubject {
  static func all(of library: PluginLibrary) -> [CheckSubject] {
    library.layers.enumerated().map { CheckSubject(kind: .layer, index: $0, name: $1.name) }
      + library.overrides.enumerated().map { CheckSubject(kind: .override, index: $0, name: $1.name) }
      + library.sources.enumerated().map { CheckSubject(kind: .source, index: $0, name: $1.name) }
      + library.codecs.enumerated().map { CheckSubject(kind: .codec, index: $0, name: $1.name) }
  }
}
