import Foundation

/// `0.9123` for (0.91234, 4), the same in every locale. Not a number: `n/a`.
func fixed(_ number: Double, _ digits: Int) -> String {
  number.isFinite ? String(format: "%.\(digits)f", number) : "n/a"
}

/// `91.2 %` for 0.9123, with a space that does not break.
func percent(_ share: Double, digits: Int = 1) -> String {
  share.isFinite ? fixed(share * 100, digits) + "\u{a0}%" : "n/a"
}

/// `12,345`.
package func grouped(_ number: Int) -> String {
  var result = ""
  for (position, digit) in String(abs(number)).reversed().enumerated() {
    if position > 0, position.isMultiple(of: 3) { result.append(",") }
    result.append(digit)
  }
  return (number < 0 ? "-" : "") + String(result.reversed())
}

/// `1 picture`, `12 pictures`.
package func counted(_ number: Int, _ noun: String) -> String { "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")" }
