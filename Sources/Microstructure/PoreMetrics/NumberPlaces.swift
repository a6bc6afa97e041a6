/// Places for numbers, counted in the order in which the numbers first come. Those that came last are found without a search.
struct NumberPlaces {
  private var places: [Float: Int] = [:]
  private var recent = [(number: Float, place: Int)](repeating: (.nan, -1), count: Self.size)

  /// A power of two.
  private static let bits: UInt32 = 10
  private static let size = 1 << bits

  /// The place of a number; the next free one where it is new.
  mutating func place(of number: Float) -> Int {
    let slot = Int((number.bitPattern &* 0x9E37_79B1) >> (32 - Self.bits))
    if recent[slot].number == number { return recent[slot].place }
    let place: Int
    if let known = places[number] {
      place = known
    } else {
      place = places.count
      places[number] = place
    }
    recent[slot] = (number, place)
    return place
  }
}
