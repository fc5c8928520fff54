import Datasets
import Foundation
import Images
import Inference
import ModelFiles
import Networks
import PluginChecks
import PluginHost
import PluginTemplates
import Recipes
import Records
import Schemas
import Training

/// Why a command ends early, with the exit code that says so.
struct CommandFailure: Error {
  let message: String
  let exitCode: Int32

  /// 2: the request was wrong, which was found before any work started.
  static func request(_ message: String) -> CommandFailure { CommandFailure(message: message, exitCode: 2) }

  /// 1: the job failed.
  static func job(_ message: String) -> CommandFailure { CommandFailure(message: message, exitCode: 1) }

  private init(message: String, exitCode: Int32) {
    self.message = message
    self.exitCode = exitCode
  }

  /// What a room has thrown.
  init(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let error as RecipeError: self.init(message: "\(error)", exitCode: error.exitCode)
    case let error as ModelFileError: self.init(message: "\(error)", exitCode: error.exitCode)
    case let error as DatasetError: self.init(message: "\(error)", exitCode: error.exitCode)
    case let error as RecordError: self.init(message: "\(error)", exitCode: DatasetError.record(error).exitCode)
    case let error as DataPreparationError: self.init(message: "\(error)", exitCode: error.exitCode)
    case let error as InferenceError: self.init(message: "\(error)", exitCode: error.exitCode)
    case let error as TrainingError: self.init(message: "\(error)", exitCode: error.exitCode)
    case NetworkError.operation: self.init(message: "\(error)", exitCode: 1)
    case let error as PluginCheckError: self.init(message: "\(error)", exitCode: error.exitCode)
    case is PluginError, is ShardError, is OptionError, is NetworkError, is PreprocessingError, is StubError,
      is PluginTemplateError:
      self.init(message: "\(error)", exitCode: 2)
    case let error as CocoaError: self.init(message: error.localizedDescription, exitCode: 1)
    default: self.init(message: "\(error)", exitCode: 1)
    }
  }
}

extension ModelFileError {
  fileprivate var exitCode: Int32 {
    switch self {
    case .cannotWrite, .diskFull, .notFinite: 1
    default: 2
    }
  }
}

extension DatasetError {
  fileprivate var exitCode: Int32 {
    switch self {
    case .tooManyBadPictures, .record(.cannotWrite), .record(.diskFull), .record(.shrunk): 1
    default: 2
    }
  }
}

extension DataPreparationError {
  fileprivate var exitCode: Int32 {
    switch self {
    case .interrupted: 130
    case .nothingReadable, .cannotMove: 1
    default: 2
    }
  }
}

extension TrainingError {
  fileprivate var exitCode: Int32 {
    switch self {
    case .interrupted: 130
    case .nonFinite: 1
    default: 2
    }
  }
}

extension PluginCheckError {
  fileprivate var exitCode: Int32 {
    switch self {
    case .interrupted: 130
    case .cannotStart: 1
    default: 2
    }
  }
}

extension InferenceError {
  fileprivate var exitCode: Int32 {
    switch self {
    case .interrupted, .stopped: 130
    case .diskFull, .cannotWrite: 1
    default: 2
    }
  }
}
