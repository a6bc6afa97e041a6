import Compton
import Correlation
import Drawing
import Microstructure
import Phantoms
import Readers
import Registration
import Results
import Testing
import Transport
import Volumetry

/// The short form of `registration-bench planted`: the same seeds, fewer of them.
@Suite struct PlantedRelationTests {
  @Test func plantedLithiumAndPoreAngleAreFound() throws {
    let world = try PlantedRelation()
    var hits = 0
    for seed in 1...12 {
      let relation = try world.relation(seed: UInt64(seed))
      let slope = try #require(relation.errorsInVariables?.slope)
      if slope.low <= PlantedRelation.slope && PlantedRelation.slope <= slope.high { hits += 1 }
      #expect(slope.low > 0 && (relation.pearson?.pValue ?? 1) < 0.05, "seed \(seed)")
    }
    #expect(hits >= 9)
  }

  @Test func noRelationOfLithiumAndPoreAngleIsAlarmedAtItsLevel() throws {
    let world = try PlantedRelation()
    var alarms = 0
    var naive = 0
    for seed in 501...520 {
      let relation = try world.relation(seed: UInt64(seed), slope: 0)
      if (relation.pearson?.pValue ?? 1) < 0.05 { alarms += 1 }
      if (relation.pearson?.naivePValue ?? 1) < 0.05 { naive += 1 }
    }
    #expect(alarms <= 4 && naive > alarms + 4)
  }
}
