// Adds up the test reports given and prints the closing line; fails if a report is missing or holds no test.
import { existsSync, readFileSync } from 'node:fs'

let passed = 0
let failed = 0
for (const path of process.argv.slice(2)) {
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
  if (!report || report.numTotalTests === 0) {
    console.error(`No test ran for ${path}.`)
    failed += 1
    continue
  }
  passed += report.numPassedTests
  // A file that can't even be loaded has no failed test of its own.
  failed += Math.max(report.numFailedTests, report.numFailedTestSuites > 0 ? 1 : 0)
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
