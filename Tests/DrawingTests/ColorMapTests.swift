import Drawing
import Testing
import Volumetry

@Suite struct ColorMapTests {
  /// First and last colours as published.
  @Test func endsAreThePublishedOnes() {
    let ends: [(ColorMap, UInt32, UInt32)] = [
      (.viridis, 0x440154, 0xFDE725), (.magma, 0x000004, 0xFCFDBF), (.inferno, 0x000004, 0xFCFFA4),
      (.plasma, 0x0D0887, 0xF0F921), (.cividis, 0x00224E, 0xFEE838), (.batlow, 0x011959, 0xFACCFA),
      (.grey, 0x000000, 0xFFFFFF), (.cubehelix, 0x000000, 0xFFFFFF),
    ]
    for (map, first, last) in ends {
      #expect(map.color(at: 0).bytes == Color(hex: first).bytes, "\(map.name)")
      #expect(map.color(at: 1).bytes == Color(hex: last).bytes, "\(map.name)")
    }
  }

  /// Lightness of sequential maps rises or falls all the way, and in even steps: no step of a sixteenth of
  /// the map is more than 2.2 times the mean.
  @Test func sequentialMapsAreEvenInLightness() {
    for map in ColorMap.all where map.kind == .sequential {
      let lightness = (0...16).map { map.color(at: Double($0) / 16).lightness }
      let steps = zip(lightness, lightness.dropFirst()).map { $1 - $0 }
      let mean = steps.reduce(0, +) / Double(steps.count)
      for step in steps {
        #expect(step * mean > -0.5, "\(map.name) turns back")
        #expect(abs(step) < 2.2 * abs(mean) + 0.5, "\(map.name) has a step of \(step) against \(mean)")
      }
    }
  }

  @Test func divergingMapsTurnInTheMiddle() {
    for map in ColorMap.all where map.kind == .diverging {
      let middle = map.color(at: 0.5).lightness
      let ends = [map.color(at: 0.02).lightness, map.color(at: 0.98).lightness]
      #expect(ends.allSatisfy { $0 < middle } || ends.allSatisfy { $0 > middle }, "\(map.name)")
    }
  }

  @Test func cyclicMapsCloseUp() {
    for map in ColorMap.all where map.kind == .cyclic {
      let (a, b) = (map.color(at: 0), map.color(at: 1))
      #expect(abs(a.red - b.red) + abs(a.green - b.green) + abs(a.blue - b.blue) < 0.05)
    }
  }

  @Test func reversedMapsAreFoundByName() throws {
    let map = try ColorMap.named("Viridis_r")
    #expect(map.name == "viridis_r")
    #expect(map.color(at: 0) == ColorMap.viridis.color(at: 1))
    #expect(map.reversed == .viridis)
    #expect(try ColorMap.named("romaO") == .romaO)
  }

  @Test func unknownNameListsTheKnown() {
    let error = #expect(throws: VoxelithError.self) { try ColorMap.named("jet") }
    #expect(error?.code == .usage)
    #expect(error?.advice?.contains("batlow") == true && error?.advice?.contains("cividis") == true)
  }

  @Test func centreKeepsBothSidesInStep() throws {
    let scale = try ColorScale(map: .vik, lower: -1, upper: 3, center: 0)
    #expect(scale.position(of: 0) == 0.5)
    #expect(scale.position(of: 3) == 1)
    #expect(abs(scale.position(of: -1) - 1.0 / 3) < 1e-12)
    #expect(scale.color(of: .nan).alpha == 0)
  }

  @Test func emptyRangeIsRefused() {
    for (lower, upper) in [(1.0, 1.0), (2, 1), (.nan, 1), (0, .infinity)] {
      let error = #expect(throws: VoxelithError.self) {
        try ColorScale(map: .batlow, lower: lower, upper: upper)
      }
      #expect(error?.code == .usage)
    }
    #expect(throws: VoxelithError.self) { try ColorScale(map: .vik, lower: 0, upper: 1, center: 2) }
  }

  @Test func rasterHasTheColoursOfTheScale() throws {
    let scale = try ColorScale(map: .viridis, lower: 10, upper: 20)
    let raster = scale.raster([5, 10, 15, 20, 99, .nan], width: 3, height: 2)
    #expect(raster[0, 0].bytes == ColorMap.viridis.color(at: 0).bytes)
    #expect(raster[1, 0].bytes == ColorMap.viridis.color(at: 0).bytes)
    let middle = ColorMap.viridis.color(at: 0.5)
    #expect(abs(raster[2, 0].green - middle.green) < 0.01)
    #expect(raster[0, 1].bytes == raster[1, 1].bytes)
    #expect(raster[2, 1].alpha == 0)
  }
}
