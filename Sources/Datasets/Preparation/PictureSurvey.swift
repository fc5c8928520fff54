import Images

/// What all pictures of a data set are: format, size, hashes; and which are damaged.
public struct PictureSurvey: Sendable {
  /// Of each sample; nil where the picture is damaged.
  public let examinations: [PictureExamination?]
  /// In the order of the samples.
  public let damaged: [BadFile]

  /// Decodes every picture, once.
  ///
  /// Memory: about 80 bytes a picture.
  /// - Throws: `DataPreparationError.interrupted`.
  public init(_ dataset: Dataset, pass: PicturePass) throws {
    var examinations: [PictureExamination?] = []
    examinations.reserveCapacity(dataset.samples.count)
    var damaged: [BadFile] = []
    try pass.run(count: dataset.samples.count) { place in
      Result { () throws(ImageError) in try dataset.samples[place].source.examine() }
    } take: { place, result in
      switch result {
      case .success(let examination): examinations.append(examination)
      case .failure(let error):
        examinations.append(nil)
        damaged.append(BadFile(error, of: dataset.samples[place]))
      }
    }
    self.examinations = examinations
    self.damaged = damaged
  }
}

extension PictureSource {
  /// - Throws: `ImageError`; also for a provider's picture, which need not be a file's.
  func examine() throws(ImageError) -> PictureExamination {
    switch self {
    case .file(let path): return try PictureExamination(file: path)
    case .record(let record):
      var result: PictureExamination?
      try record.withBytes { (bytes) throws(ImageError) in result = try PictureExamination(bytes: bytes) }
      guard let result else { throw .empty }
      return result
    case .provided: throw .unsupported(what: "a picture of a plugin's source")
    }
  }
}
