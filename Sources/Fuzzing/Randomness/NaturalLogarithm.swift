/// Natural logarithm of a positive finite number, to within a few units in the last place.
///
/// The standard library has none, and a libc's may differ from the next version's in the last bit, which
/// would make two machines schedule one campaign differently. Exponent times ln 2 plus the series of 2
/// artanh((m-1)/(m+1)).
package func naturalLogarithm(_ value: Double) -> Double {
    precondition(value > 0 && value.isFinite, "logarithm of a number that is not positive and finite")
    var significand = value.significand
    var exponent = Double(value.exponent)
    if significand > 1.4142135623730951 {
        significand /= 2
        exponent += 1
    }
    let ratio = (significand - 1) / (significand + 1)
    let square = ratio * ratio
    var sum = 0.0
    // |ratio| <= 0.172, so the term left out first is below 2^-55.
    for divisor in stride(from: 19.0, through: 1.0, by: -2.0) {
        sum = sum * square + 1 / divisor
    }
    return exponent * 0.6931471805599453 + 2 * ratio * sum
}
