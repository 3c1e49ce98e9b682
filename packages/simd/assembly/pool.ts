// Fork and join over a shared memory. Every thread runs one instance of this module; the only state is in the control block.
//
// The unit of work is a chunk: `execute(task, chunk)`. How work is cut into chunks never depends on the number of threads,
// and no chunk reads what another one of the same task writes, so the result is the same bytes at any thread count.
import { execute } from "./tasks";
import { becomeThread } from "./thread";

/** Addresses in the control block, at the bottom of the memory. Words that different threads write have a cache line each. */
const TICKET: usize = 64; // u64: job number in the high half, chunks not yet claimed in the low half
const PENDING: usize = 128; // i32: chunks not yet finished
const JOB: usize = 192; // i32: changes with each job; workers sleep on it
const SLEEPERS: usize = 256; // i32: workers asleep, so that the main thread may skip a needless wake-up
const STOP: usize = 320; // i32: 1 asks the workers to end
const WAITING: usize = 384; // i32: 1 while the main thread sleeps until PENDING is 0
const TASK: usize = 448; // i32: what to run
const FAULT: usize = 512; // i32: 1 when a worker could not finish a chunk
const WORKER_SPINS: i32 = 20000; // some 50 microseconds: longer than the gap between two kernels of a training step
const MAIN_SPINS: i32 = 100000;

/** Claims a chunk of the present job, or returns -1. The ticket carries the job number, so a late worker cannot claim twice. */
function claim(): i32 {
  let ticket = atomic.load<u64>(TICKET);
  while (<u32>ticket != 0) {
    const seen = atomic.cmpxchg<u64>(TICKET, ticket, ticket - 1);
    if (seen == ticket) return <i32>(<u32>ticket) - 1;
    ticket = seen;
  }
  return -1;
}

/** Runs chunks of the present job until none is left. */
function work(): void {
  for (let chunk = claim(); chunk >= 0; chunk = claim()) {
    execute(load<i32>(TASK), chunk);
    if (atomic.sub<i32>(PENDING, 1) == 1 && atomic.load<i32>(WAITING) != 0) atomic.notify(PENDING, 1);
  }
}

/**
 * Runs a task of so many chunks on all threads and returns when it is done: 0, or 1 when a worker failed in one of them.
 * Its arguments are in the argument block.
 */
export function run(task: i32, chunks: i32, parallel: i32): i32 {
  if (parallel == 0 || chunks < 2) {
    for (let chunk = chunks - 1; chunk >= 0; chunk--) execute(task, chunk);
    return 0;
  }
  store<i32>(TASK, task);
  atomic.store<i32>(PENDING, chunks);
  const job = atomic.load<i32>(JOB) + 1;
  atomic.store<u64>(TICKET, (<u64>(<u32>job) << 32) | <u64>chunks);
  atomic.store<i32>(JOB, job);
  if (atomic.load<i32>(SLEEPERS) != 0) atomic.notify(JOB, -1);
  work();
  let spins = 0;
  while (atomic.load<i32>(PENDING) != 0) {
    if (++spins < MAIN_SPINS) continue;
    atomic.store<i32>(WAITING, 1);
    const left = atomic.load<i32>(PENDING);
    if (left != 0) atomic.wait<i32>(PENDING, left, 1000000);
    atomic.store<i32>(WAITING, 0);
  }
  return atomic.xchg<i32>(FAULT, 0);
}

/** Gives up the chunk in which this worker failed, so that the main thread does not wait for it for ever. */
export function abandon(): void {
  atomic.store<i32>(FAULT, 1);
  if (atomic.sub<i32>(PENDING, 1) == 1 && atomic.load<i32>(WAITING) != 0) atomic.notify(PENDING, 1);
}

/** What worker thread `number`, from 1, does until it is asked to stop. */
export function serve(number: i32): void {
  becomeThread(number);
  let seen = 0;
  while (atomic.load<i32>(STOP) == 0) {
    const job = atomic.load<i32>(JOB);
    if (job != seen) {
      seen = job;
      work();
      continue;
    }
    let spins = 0;
    while (spins < WORKER_SPINS && atomic.load<i32>(JOB) == job) spins++;
    if (spins < WORKER_SPINS) continue;
    atomic.add<i32>(SLEEPERS, 1);
    if (atomic.load<i32>(STOP) == 0) atomic.wait<i32>(JOB, job, -1);
    atomic.sub<i32>(SLEEPERS, 1);
  }
}

/** Asks the workers to end. */
export function stop(): void {
  atomic.store<i32>(STOP, 1);
  atomic.add<i32>(JOB, 1);
  atomic.notify(JOB, -1);
}
