import Foundation
import Voxelith

// registration-bench twins [COUNT]          seeded twins: error, expected error, flags
// registration-bench wide [COUNT]           twins with XCS voxels of 200 um on XCT voxels of 4 um
// registration-bench metrics [COUNT]        like grids, noise on both sides: error over covariance of ncc and nmi
// registration-bench pairs DIR [NAME]       pairs written by pairs.py, aligned by mutual information
// registration-bench register MOVING FIXED -o FILE.json    one pair with all defaults, for kinds.py
// registration-bench planted [COUNT]        lithium against pore angle through map, projection, table and correlation
// registration-bench correlation            false alarms and coverage of the intervals

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "twins": try twins(count: number(100)) { try TwinCase(seed: UInt64(1000 + $0)) }
case "wide":
  try twins(count: number(3)) { try TwinCase(seed: UInt64(2000 + $0), side: 10, voxels: (4, 200)) }
case "metrics": try metrics(count: number(40))
case "pairs" where arguments.count > 2: try pairs(folder: arguments[2], name: arguments.dropFirst(3).first)
case "register" where arguments.count > 5: try register(arguments[2], arguments[3], to: arguments[5])
case "planted": try planted(count: number(100))
case "correlation": try correlation()
default:
  print(
    "usage: registration-bench twins [COUNT] | wide [COUNT] | metrics [COUNT] | pairs DIR [NAME] | register MOVING FIXED -o FILE | planted [COUNT] | correlation"
  )
  exit(64)
}

func number(_ fallback: Int) -> Int { arguments.count > 2 ? Int(arguments[2]) ?? fallback : fallback }

func register(_ moving: String, _ fixed: String, to path: String) throws {
  do throws(VoxelithError) {
    let result = try VolumeRegistration.align(
      moving: try VolumeFile.open(moving), to: try VolumeFile.open(fixed))
    try OutputFile.write(try result.document.json(), to: path, overwrite: true)
  } catch {
    FileHandle.standardError.write(Data("\(error.message) | \(error.advice ?? "")\n".utf8))
    exit(65)
  }
}

func metrics(count: Int) throws {
  for (metric, name) in [(RegistrationMetric.correlation, "ncc"), (.mutualInformation, "nmi")] {
    for noise in [0.02, 0.05, 0.1, 0.2] {
      var squares = 0.0
      var errors: [Double] = []
      var refused = 0
      for seed in 1...count {
        let pair = try NoisyPair(
          seed: UInt64(seed), noise: noise, isForeign: metric == .mutualInformation)
        do throws(VoxelithError) {
          let result = try VolumeRegistration.align(
            moving: pair.moving, to: pair.fixed,
            options: RegistrationOptions(metric: metric, maximumAngle: 8))
          let error =
            result.transform.meanError(against: pair.truth, over: pair.fixed.grid) / pair.fixed.grid.spacing.x
          errors.append(error)
          squares += (error / result.expectedErrorVoxels) * (error / result.expectedErrorVoxels)
        } catch {
          refused += 1
        }
      }
      let ratio = (squares / Double(max(1, errors.count))).squareRoot()
      print(
        "\(name), noise \(noise): median error \(Quantiles.median(errors)) voxels, error over expected error \(ratio), refused \(refused) of \(count)"
      )
    }
  }
}

func twins(count: Int, make: (Int) throws -> TwinCase) throws {
  var good = 0
  var flagged = 0
  var unflagged = 0
  var squares = 0.0
  var scaled: [Double] = []
  var counted = 0
  var seconds = 0.0
  var errors: [Double] = []
  for seed in 1...count {
    let twin = try make(seed)
    let start = Date()
    do throws(VoxelithError) {
      let result = try VolumeRegistration.align(
        moving: twin.moving, to: twin.fixed, variance: twin.variance,
        options: RegistrationOptions(spread: twin.spread))
      seconds += Date().timeIntervalSince(start)
      let error = result.transform.meanError(against: twin.truth, over: twin.fixed.grid) / twin.voxel
      errors.append(error)
      if error < 0.1 { good += 1 } else if result.warnings.isEmpty { unflagged += 1 } else { flagged += 1 }
      // The true change of the local parameters, in units of the covariance.
      if error < 0.5, let factor = Cholesky(result.covariance) {
        let change = difference(result, twin.truth)
        let distance = zip(change, factor.solve(change)).reduce(0) { $0 + $1.0 * $1.1 }
        squares += distance
        counted += 1
        scaled.append(error / result.expectedErrorVoxels)
      }
      print(
        seed, "error", (error * 10000).rounded() / 10000, "expected",
        (result.expectedErrorVoxels * 10000).rounded() / 10000, result.warnings)
    } catch {
      seconds += Date().timeIntervalSince(start)
      flagged += 1
      print(seed, "refused:", error.message)
    }
  }
  let spread = (squares / Double(6 * counted)).squareRoot()
  let ratio = (scaled.reduce(0) { $0 + $1 * $1 } / Double(scaled.count)).squareRoot()
  print("below 0.1 voxel: \(good) of \(count); flagged or refused: \(flagged); missed: \(unflagged)")
  print("median error \(Quantiles.median(errors)) voxels, 95 % below \(Quantiles.quantile(errors, 0.95))")
  print("spread of error over covariance (6 parameters): \(spread); of error over expected error: \(ratio)")
  print("seconds a pair: \(seconds / Double(count))")
}

/// Local parameters that lead from the fitted transform to the truth: rotation vector and shift of the centre.
func difference(_ result: RegistrationResult, _ truth: SpatialTransform) -> [Double] {
  guard let back = try? result.transform.inverted() else { return [] }
  let step = truth.composed(after: back)
  let m = step.matrix
  let center = result.parameters.center
  let rotation = [0.5 * (m[2][1] - m[1][2]), 0.5 * (m[0][2] - m[2][0]), 0.5 * (m[1][0] - m[0][1])]
  let shift = step(center) - center
  return rotation + [shift.x, shift.y, shift.z]
}

func pairs(folder: String, name: String?) throws {
  struct Pair: Decodable {
    let name: String
    let shape: [Int]
    let matrix: [[Double]]
  }
  let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/pairs.json"))
  var good = 0
  var total = 0.0
  let list = try JSONDecoder().decode([Pair].self, from: data).filter { name == nil || $0.name == name }
  for pair in list {
    let shape = Shape(z: pair.shape[0], y: pair.shape[1], x: pair.shape[2])
    func open(_ side: String) throws -> any VolumeSource {
      try VolumeFile.open(
        "\(folder)/\(pair.name)_\(side).raw",
        options: VolumeOpenOptions(voxelSize: .one, rawShape: shape, rawType: .float32))
    }
    let fixed = try open("fixed")
    let moving = try open("moving")
    let truth = try SpatialTransform(matrix: pair.matrix)
    let start = Date()
    do throws(VoxelithError) {
      let result = try VolumeRegistration.align(
        moving: moving, to: fixed,
        options: RegistrationOptions(metric: .mutualInformation, maximumAngle: 12))
      let time = Date().timeIntervalSince(start)
      total += time
      let error = result.transform.meanError(against: truth, over: fixed.grid)
      if error < 0.2 { good += 1 }
      print(
        pair.name, "error", error, "expected", result.expectedErrorVoxels, "seconds", time, result.warnings)
    } catch {
      print(pair.name, "refused:", error.message)
    }
  }
  print("below 0.2 voxel: \(good) of \(list.count); mean seconds \(total / Double(list.count))")
}

func correlation() throws {
  let shape = Shape(z: 10, y: 16, x: 16)
  for sigma in [0.0, 0.8, 1.5, 2.5] {
    var alarms = (pearson: 0, spearman: 0, kendall: 0, naive: 0)
    var hits = (fisher: 0, bootstrap: 0)
    let truth = 0.5
    let runs = 400
    for seed in 1...runs {
      let a = smoothField(shape, sigma: sigma, seed: UInt64(seed), stream: 1)
      let noise = smoothField(shape, sigma: sigma, seed: UInt64(seed), stream: 2)
      let pair = try FieldPair(a, noise, shape: shape)
      let effective = try pair.effectiveCount(of: pair.x, pair.y)
      let test = CorrelationTest(
        Correlations.pearson(pair.x, pair.y), voxels: pair.count, effective: effective)
      let rankX = Correlations.ranks(pair.x)
      let rankY = Correlations.ranks(pair.y)
      let ranked = try pair.effectiveCount(of: rankX, rankY)
      let spearman = CorrelationTest(
        Correlations.pearson(rankX, rankY), voxels: pair.count, effective: ranked, kind: .spearman)
      let kendall = CorrelationTest(
        Correlations.kendall(pair.x, pair.y), voxels: pair.count, effective: ranked, kind: .kendall)
      alarms.pearson += test.pValue < 0.05 ? 1 : 0
      alarms.naive += test.naivePValue < 0.05 ? 1 : 0
      alarms.spearman += spearman.pValue < 0.05 ? 1 : 0
      alarms.kendall += kendall.pValue < 0.05 ? 1 : 0

      let b = a.indices.map { truth * a[$0] + (1 - truth * truth).squareRoot() * noise[$0] }
      let planted = try FieldPair(a, b, shape: shape)
      let count = try planted.effectiveCount(of: planted.x, planted.y)
      let r = Correlations.pearson(planted.x, planted.y)
      let interval = CorrelationTest(r, voxels: planted.count, effective: count).coefficient
      hits.fisher += interval.low <= truth && truth <= interval.high ? 1 : 0
      let bootstrap = BlockBootstrap(
        shape: shape, voxels: planted.count, effective: count, replicates: 300, seed: UInt64(seed))
      let values = try bootstrap.values(of: planted) { chosen in
        Correlations.pearson(chosen.map { planted.x[$0] }, chosen.map { planted.y[$0] })
      }
      let other = BlockBootstrap.correlationInterval(
        value: r, replicates: values,
        stretch: BlockBootstrap.stretch(correlations: values, effective: count))
      hits.bootstrap += other.low <= truth && truth <= other.high ? 1 : 0
    }
    func percent(_ n: Int) -> Double { 100 * Double(n) / Double(runs) }
    print(
      "sigma \(sigma) voxels: false alarms at 5 %: Pearson \(percent(alarms.pearson)), Spearman \(percent(alarms.spearman)), Kendall \(percent(alarms.kendall)), naive \(percent(alarms.naive)); coverage at 95 %: Fisher \(percent(hits.fisher)), bootstrap \(percent(hits.bootstrap))"
    )
  }
}

func planted(count: Int) throws {
  let world = try PlantedRelation()
  var slope = 0
  var found = 0
  var alarms = (effective: 0, naive: 0)
  for seed in 1...count {
    let relation = try world.relation(seed: UInt64(seed))
    if let fit = relation.errorsInVariables?.slope, fit.low <= PlantedRelation.slope,
      PlantedRelation.slope <= fit.high
    {
      slope += 1
    }
    found += (relation.pearson?.pValue ?? 1) < 0.05 ? 1 : 0
    let none = try world.relation(seed: UInt64(500 + seed), slope: 0)
    alarms.effective += (none.pearson?.pValue ?? 1) < 0.05 ? 1 : 0
    alarms.naive += (none.pearson?.naivePValue ?? 1) < 0.05 ? 1 : 0
  }
  print("planted: slope within its 95 % interval in \(slope) of \(count) seeds, found at 5 % in \(found)")
  print(
    "no relation: \(alarms.effective) false alarms of \(count) at 5 %, \(alarms.naive) with naive p values")
}
