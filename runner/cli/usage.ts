/** The arguments are wrong: told with every remedy, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
  }
}

export const HELP = `samehost: same host, same database, same logic; change one thing and see what it costs.

  npm run bench -- [run] [options]      take each arm through the ramp, print tables, write results/
  npm run bench -- report DIR           write the reports of a run again from its raw files
  npm run bench -- compare DIR DIR      two runs: ratios with intervals
  npm run bench -- verify URL | ARM     run the contract's suite against a service
  npm run bench -- add NAME             begin an arm of your own: services/NAME and its entry in compose.yaml
  npm run bench -- calibrate [--short]  measure the instrument itself against known delays
                   [--with locust]      and have Locust read them too, beside it

Options of run
  --profile NAME        smoke | quick (default) | standard | article; in compose: PROFILE=NAME
  --arms A,B            which arms, by name or group: reference (default) | article | all; in compose:
                        ARMS=A,B, which also starts them
  --users 40,50,60,70   the ramp
  --think 500ms         think time between two requests; or a range: 0ms..1s
  --warm-up 5s          discarded at the start of each stage
  --hold 15s            the measured window of each stage
  --timeout 10s         of a request
  --trials 1            how often each arm is taken through the ramp
  --seed 1              of the journeys and of the order of trials
  --threshold 100ms     the response time whose crossing is searched
  --threshold-on mean   mean | p95
  --search, --no-search probe beyond the ramp for the crossing
  --out DIR             results folder
  --resume DIR          go on with a run that was interrupted
  --target NAME=URL     a running service that speaks the contract (repeatable); no Docker needed
  --database-url URL    with --target: its database, which is DROPPED and made anew before each trial
  --check               exit 3 if a claim or a measurement falls short
  --verbose             also a table of each arm by endpoint

Durations take ms, s and m. Exit: 0 done, 1 failed, 2 bad usage, 3 --check fell short, 130 interrupted.
`
