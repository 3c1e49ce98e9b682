// The number of the thread that this instance runs on: 0 is the main one. It is the only global that changes, and it says only which
// scratch is a thread's own: no result may depend on it.
let own: i32 = 0;

/** The number of this thread, below the count of threads. */
export function thread(): i32 {
  return own;
}

/** Sets the number of this thread, once, before its first task. */
export function becomeThread(number: i32): void {
  own = number;
}
